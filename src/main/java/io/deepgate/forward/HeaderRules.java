package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which headers go to the upstream, and which come back from it: what is not named stays behind. */
final class HeaderRules {

    private static final List<String> REQUEST =
            List.of("accept", "content-type", "user-agent", "anthropic-version", "anthropic-beta");
    private static final List<String> RESPONSE = List.of("content-type", "cache-control", "x-ds-trace-id");

    private HeaderRules() {}

    static void toUpstream(org.springframework.http.HttpHeaders from, HttpHeaders to, Upstream upstream) {
        for (String name : REQUEST) {
            @Nullable String value = from.getFirst(name);
            if (value != null) {
                to.set(name, value);
            }
        }
        to.set(HttpHeaderNames.AUTHORIZATION, upstream.key().bearer());
    }

    /** The length passes only with an answer that is never changed on its way. */
    static void toCaller(HttpHeaders from, org.springframework.http.HttpHeaders to, boolean stream) {
        for (String name : RESPONSE) {
            @Nullable String value = from.get(name);
            if (value != null) {
                to.set(name, value);
            }
        }
        @Nullable String length = from.get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null && !stream) {
            to.set(HttpHeaderNames.CONTENT_LENGTH.toString(), length);
        }
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.UpstreamKey;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which headers go to the upstream, and which come back from it: what is not named stays behind. */
final class HeaderRules {

    private static final List<String> REQUEST = List.of("accept", "user-agent", "anthropic-version", "anthropic-beta");
    private static final List<String> RESPONSE = List.of("content-type", "cache-control");
    private static final String TRACE = "x-ds-trace-id";

    private HeaderRules() {}

    static void toUpstream(org.springframework.http.HttpHeaders from, HttpHeaders to, UpstreamKey key) {
        for (String name : REQUEST) {
            @Nullable String value = from.getFirst(name);
            if (value != null) {
                to.set(name, value);
            }
        }
        to.set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
        to.set(HttpHeaderNames.AUTHORIZATION, key.bearer());
    }

    /** By its trace DeepSeek finds a call again, whatever became of it; only the last attempt's is told. */
    static void traceToCaller(HttpHeaders from, org.springframework.http.HttpHeaders to) {
        to.remove(TRACE);
        copy(TRACE, from, to);
    }

    private static void copy(String name, HttpHeaders from, org.springframework.http.HttpHeaders to) {
        @Nullable String value = from.get(name);
        if (value != null) {
            to.set(name, value);
        }
    }

    /**
     * The length stays behind: it would let an answer that stops short look whole, and one whose end does not come look as
     * if it went on.
     */
    static void toCaller(HttpHeaders from, org.springframework.http.HttpHeaders to) {
        RESPONSE.forEach(name -> copy(name, from, to));
    }
}

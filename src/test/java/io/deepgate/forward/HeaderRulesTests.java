package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.catalog.UpstreamKey;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

class HeaderRulesTests {

    private final HttpHeaders ours = new HttpHeaders();
    private final DefaultHttpHeaders theirs = new DefaultHttpHeaders();

    @Test
    void sendsWhatIsNamedAndOurKey() {
        ours.set("Accept", "text/event-stream");
        ours.set("Content-Type", "application/json");
        ours.set("User-Agent", "OpenAI/Python 3.1");
        ours.set("Authorization", "Bearer dg-k7Qm2x-secret");
        ours.set("x-api-key", "dg-k7Qm2x-secret");
        ours.set("Cookie", "session=1");
        ours.set("Accept-Encoding", "gzip");
        ours.set("Connection", "keep-alive, x-custom");
        ours.set("Transfer-Encoding", "chunked");
        ours.set("Content-Length", "17");
        ours.set("Host", "deepgate");
        ours.set("Expect", "100-continue");
        ours.set("X-Forwarded-For", "10.0.0.1");
        ours.set("OpenAI-Organization", "org");
        ours.set("x-stainless-lang", "python");
        ours.set("x-custom", "1");

        HeaderRules.toUpstream(ours, theirs, new UpstreamKey("sk-0123456789"));

        assertThat(theirs.entries())
                .extracting(header -> header.getKey().toLowerCase(Locale.ROOT) + ": " + header.getValue())
                .containsExactlyInAnyOrder(
                        "accept: text/event-stream",
                        "content-type: application/json",
                        "user-agent: OpenAI/Python 3.1",
                        "authorization: Bearer sk-0123456789");
    }

    @Test
    void sendsOurKeyInPlaceOfAnother() {
        theirs.set("authorization", "Bearer old");
        theirs.set("user-agent", "ReactorNetty");

        HeaderRules.toUpstream(ours, theirs, new UpstreamKey("sk-0123456789"));

        assertThat(theirs.getAll("authorization")).containsExactly("Bearer sk-0123456789");
    }

    @Test
    void returnsWhatIsNamed() {
        theirs.set("Content-Type", "text/event-stream; charset=utf-8");
        theirs.set("Cache-Control", "no-cache");
        theirs.set("x-ds-trace-id", "t1");
        theirs.set("Content-Length", "17");
        theirs.set("Set-Cookie", "session=1");
        theirs.set("Server", "openresty");
        theirs.set("Connection", "keep-alive");
        theirs.set("Transfer-Encoding", "chunked");
        theirs.set("x-request-id", "theirs");
        theirs.set("x-ratelimit-limit-requests", "9");
        theirs.set("Strict-Transport-Security", "max-age=1");
        theirs.set("Access-Control-Allow-Origin", "*");
        ours.set("x-request-id", "ours");

        HeaderRules.traceToCaller(theirs, ours);
        HeaderRules.toCaller(theirs, ours);

        assertThat(ours.toSingleValueMap())
                .containsOnly(
                        Map.entry("x-request-id", "ours"),
                        Map.entry("content-type", "text/event-stream; charset=utf-8"),
                        Map.entry("cache-control", "no-cache"),
                        Map.entry("x-ds-trace-id", "t1"));
    }
}

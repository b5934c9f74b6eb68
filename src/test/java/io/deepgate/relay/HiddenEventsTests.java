package io.deepgate.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawUpstream;
import io.deepgate.access.ApiKey;
import io.deepgate.relay.StreamRelay.Hidden;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is kept from a client, wherever the network cuts the stream; all else arrives byte for byte. */
@ExtendWith(Leaks.class)
class HiddenEventsTests {

    private static final String CHAT = "/chat/completions";
    private static final String ASKED = ",\"stream_options\":{\"include_usage\":true}";

    private static final String COMMENT = ": keep-alive\n\n";
    private static final String HELLO =
            "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"né: 😀\"}}]}\n\n";
    private static final String FINISH =
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n";
    private static final String USAGE =
            "data: {\"usage\": {\"completion_tokens\":5 ,\"prompt_tokens_details\":{\"cached_tokens\":3},"
                    + "\"prompt_tokens\":7},\"choices\" : []}\n\n";
    private static final String DONE = "data: [DONE]\n\n";
    private static final TokenUsage USED = new TokenUsage(3, 4, 5, 0, false);

    private static RawUpstream upstream;
    private static Gateway gateway;
    private static volatile byte[] sent;
    private static volatile int cut;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start().does(connection -> {
            while (true) {
                connection.readRequest();
                connection.beginChunked("text/event-stream; charset=utf-8");
                chunk(connection, Arrays.copyOf(sent, cut));
                chunk(connection, Arrays.copyOfRange(sent, cut, sent.length));
                connection.lastChunk();
            }
        });
        String tenant = "  - { id: %s, strip-comments: %s, keys: [{ id: %s, sha256: %s }] }\n";
        gateway = Gateway.with(
                "tenants:\n"
                        + tenant.formatted("search", "false", Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex())
                        + tenant.formatted("mail", "true", Gateway.MAIL.id(), Gateway.MAIL.sha256Hex()),
                upstream.baseUrl());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
    }

    @Test
    void usageOfItsOwnIsHiddenFromWhoDidNotAsk() {
        assertShown(Gateway.SEARCH, CHAT, "", COMMENT + HELLO + FINISH + USAGE + DONE, COMMENT + HELLO + FINISH + DONE);
    }

    @Test
    void commentsAreHiddenFromATenantThatCannotBearThem() {
        assertShown(
                Gateway.MAIL,
                CHAT,
                ASKED,
                COMMENT + ":\n\n" + HELLO + COMMENT + COMMENT + FINISH + USAGE + ": é\n:\n\n" + DONE,
                HELLO + FINISH + USAGE + DONE);
    }

    @Test
    void bothAreHiddenWithLinesThatEndInCrLf() {
        assertShown(
                Gateway.MAIL,
                CHAT,
                ",\"stream_options\":{\"include_usage\":false}",
                (COMMENT + HELLO + COMMENT + USAGE + COMMENT + DONE).replace("\n", "\r\n"),
                (HELLO + DONE).replace("\n", "\r\n"));
    }

    @Test
    void nothingIsHiddenFromWhoAskedAndBearsComments() {
        String all = COMMENT + HELLO + COMMENT + FINISH + USAGE + DONE;
        assertShown(Gateway.SEARCH, CHAT, ASKED, all, all);
    }

    @Test
    void completionsAreTreatedLikeChats() {
        String text = "data: {\"choices\":[{\"text\":\"Hi\"}]}\n\n";
        assertShown(Gateway.MAIL, "/completions", "", COMMENT + text + USAGE + COMMENT + DONE, text + DONE);
    }

    @Test
    void namedEventsStayAndOnlyCommentsGo() {
        String events = """
                event: message_start
                data: {"type":"message_start","message":{"usage":{"input_tokens":4,"cache_read_input_tokens":3,"output_tokens":0}}}

                event: ping
                data: {"type":"ping"}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}

                event: message_stop
                data: {"type":"message_stop"}

                """;
        String ping = "event: ping";
        assertShown(Gateway.MAIL, "/anthropic/messages", "", COMMENT + events.replace(ping, COMMENT + ping), events);
        assertShown(Gateway.SEARCH, "/anthropic/messages", "", COMMENT + events, COMMENT + events);
    }

    @Test
    void responsesStayAndOnlyCommentsGo() {
        String events = """
                event: response.output_text.delta
                data: {"type":"response.output_text.delta","delta":": keep-alive\\n\\n"}

                event: response.completed
                data: {"type":"response.completed","response":{"usage":{"input_tokens":7,"output_tokens":5,"input_tokens_details":{"cached_tokens":3}}}}

                """;
        assertShown(Gateway.MAIL, "/responses", "", COMMENT + events, events);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // usage on the chunk that finishes
                "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":3}}\n\n",
                // usage on every chunk
                "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}}\n\n"
                        + "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":3}}\n\n",
                // no choices, and no usage either
                "data: {\"choices\":[],\"prompt_filter_results\":[{}]}\n\n"
                        + "data: {\"choices\":[],\"usage\":null}\n\n"
                        + "data: {\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":3},\"choices\":[{\"delta\":{}}]}\n\n",
                // a comment in an event, and names of fields that nobody knows
                ": a comment\n" + "id: 7\nretry: 9\nfoo\n"
                        + "data: {\"choices\":[{}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":3}}\n\n",
                // text that looks like usage, like a comment, like the end
                "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"usage\\\":{\\\"prompt_tokens\\\":99}}\\n\\n: keep-alive\\n\\ndata: [DONE]\"}}],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":3}}\n\n",
                // other objects that are called usage
                "data: {\"choices\":[{\"usage\":{\"prompt_tokens\":99},\"delta\":{\"usage\":{\"completion_tokens\":99}}}],\"x\":{\"usage\":{\"prompt_tokens\":98}},\"usage\":{\"x\":{\"prompt_tokens\":97},\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":3}}\n\n"
            })
    void whatHasChoicesOrNoUsageStays(String events) {
        assertShown(Gateway.MAIL, CHAT, "", events + DONE, events + DONE);
    }

    /** Sends the events in two pieces: cut at every place to a relay, and at some to the whole gateway. */
    private static void assertShown(ApiKey key, String path, String members, String events, String shown) {
        sent = events.getBytes(StandardCharsets.UTF_8);
        boolean named = path.contains("anthropic") || path.contains("responses");
        Hidden hidden = new Hidden(key.equals(Gateway.MAIL), !named && !members.contains("true"));
        for (int at = 0; at <= sent.length; at++) {
            Relayed relayed = Relayed.stream(hidden).send(sent, at).ends();
            assertThat(relayed.text()).as("cut at %d", at).isEqualTo(shown);
            assertThat(relayed.meter.usage(0)).as("cut at %d", at).isEqualTo(USED);
            relayed.assertNothingHeld("cut at " + at);
        }
        assertThat(Relayed.stream(hidden).sendByteByByte(sent).ends().text()).isEqualTo(shown);
        for (cut = 1; cut < sent.length; cut += 13) {
            assertShownByGateway(key, path, members, shown);
        }
    }

    private static void assertShownByGateway(ApiKey key, String path, String members, String shown) {
        var answer = gateway.send(gateway.request(path, key)
                .POST(BodyPublishers.ofString("{\"model\":\"deepseek-flash\",\"stream\":true" + members + "}"))
                .build());
        assertThat(answer.body()).as("cut at %d", cut).isEqualTo(shown);
        CallRecord call = gateway.record();
        assertThat(call.tokens()).as("cut at %d", cut).isEqualTo(USED);
        assertThat(call.outcome()).isEqualTo(Outcome.COMPLETED);
    }

    private static void chunk(RawUpstream.Connection connection, byte[] bytes) throws IOException {
        connection.write(Integer.toHexString(bytes.length) + "\r\n");
        connection.write(bytes);
        connection.write("\r\n");
    }
}

package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.AtRest;
import io.deepgate.ClosedPort;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawClient;
import io.deepgate.RawUpstream;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whatever an upstream does, a caller is told the truth: never a clean end of half an answer, never our key. */
@ExtendWith(Leaks.class)
@Timeout(30)
class UpstreamFailureTests {

    private static final String EVENT =
            "data: {\"id\":\"1\",\"model\":\"deepseek-flash\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    private static final String FINISH =
            "data: {\"id\":\"1\",\"model\":\"deepseek-flash\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";
    private static final String DOCUMENT =
            "{\"id\":\"1\",\"model\":\"deepseek-flash\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hello\"}}],"
                    + "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}";

    private static RawUpstream upstream;
    private static ClosedPort gone;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        upstream = RawUpstream.start();
        gone = new ClosedPort();
        gateway = Gateway.inFrontOf(
                upstream.baseUrl(),
                // No breaker opens here.
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=100000",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100000",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100000",
                "gateway.catalog.upstreams.gone.base-url=" + gone.baseUrl(),
                "gateway.catalog.upstreams.gone.api-key=" + Gateway.UPSTREAM_KEY,
                "gateway.catalog.aliases.gone.slug=gone",
                "gateway.catalog.aliases.gone.upstream=gone",
                "gateway.catalog.upstreams.nameless.base-url=http://deepseek.invalid",
                "gateway.catalog.upstreams.nameless.api-key=" + Gateway.UPSTREAM_KEY,
                "gateway.catalog.aliases.nameless.slug=nameless",
                "gateway.catalog.aliases.nameless.upstream=nameless");
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        upstream.close();
        gone.close();
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
        AtRest.within(Duration.ofSeconds(2), () -> upstream.openConnections() == 0);
    }

    // No answer

    @ParameterizedTest
    @ValueSource(strings = {"gone", "nameless"})
    void saysThatItCannotConnect(String model) {
        assertFailed(send("{\"model\":\"" + model + "\"}"), 503, "upstream_unavailable");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysThatTheConnectionBrokeBeforeTheAnswer(boolean stream) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.reset();
        });
        int before = upstream.requests();
        assertFailed(chat(stream), 502, "upstream_unavailable");
        assertThat(upstream.requests()).as("a call is not sent twice").isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 20",
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n",
                "SSH-2.0-OpenSSH_9.9\r\n",
                "\u0016\u0003\u0001\u0002",
                "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
                "HTTP/1.1 999999 What\r\n\r\n"
            })
    void saysThatItWasNoAnswer(String bytes) {
        upstream.answers(bytes);
        assertFailed(chat(false), 502, "upstream_unavailable");
        assertFailed(chat(true), 502, "upstream_unavailable");
    }

    @Test
    void passesTheAnswerOfAnUpstreamThatDoesNotReadTheWholeRequest() {
        upstream.does(connection -> {
            connection.readHead();
            connection.write(
                    head("413 Payload Too Large", "application/json", "connection: close\r\ncontent-length: 33")
                            + "{\"error\":{\"message\":\"Too large\"}}");
            connection.awaitClose();
        });
        HttpResponse<String> answer = send("{\"model\":\"deepseek-flash\",\"pad\":\"" + "x".repeat(4_000_000) + "\"}");
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo("{\"error\":{\"message\":\"Too large\"}}");
        assertRecord(Outcome.REFUSED, 413, "upstream_refused");
    }

    // A stream that breaks

    @ParameterizedTest
    @ValueSource(
            strings = {"reset", "close", "end", "bad chunk", "half an event", "html", "no json", "half json", "array"})
    void endsABrokenStreamWithAnErrorAndNoDone(String fault) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(": queued\n\n");
            for (int i = 0; i < 3; i++) {
                connection.chunk(EVENT);
            }
            switch (fault) {
                case "reset" -> connection.reset();
                case "close" -> {}
                case "end" -> connection.lastChunk();
                case "bad chunk" -> connection.write("zz\r\nwhat");
                case "half an event" -> {
                    connection.chunk(EVENT.substring(0, 40));
                    connection.lastChunk();
                }
                case "html" -> {
                    connection.chunk("<html>502 Bad Gateway</html>\n");
                    connection.lastChunk();
                }
                case "no json" -> {
                    connection.chunk("data: <html>\n\n" + DONE);
                    connection.lastChunk();
                }
                case "half json" -> {
                    connection.chunk("data: {\"choices\":[\n\n" + DONE);
                    connection.lastChunk();
                }
                case "array" -> {
                    connection.chunk("data: [1,\"D\",\"O\",\"N\",\"E\"]\n\n" + DONE);
                    connection.lastChunk();
                }
                default -> throw new IllegalStateException(fault);
            }
        });
        HttpResponse<String> answer = chat(true);
        assertThat(answer.statusCode()).isEqualTo(200);
        // A reset may overtake what was sent before it.
        List<String> events = Arrays.asList(answer.body().split("(?<=\n\n)"));
        if (!fault.equals("reset")) {
            assertThat(events).startsWith(": queued\n\n", EVENT, EVENT, EVENT).hasSize(5);
        }
        assertThat(answer.body()).doesNotContain("[DONE]").endsWith("\n\n");
        assertThat(events.getLast()).startsWith("data: ");
        JsonNode error =
                JsonMapper.shared().readTree(events.getLast().substring(6)).path("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.path("type").stringValue()).isEqualTo("server_error");
        assertThat(error.path("code").stringValue()).isEqualTo("upstream_unavailable");
        CallRecord call = assertRecord(Outcome.FAILED, 200, "upstream_unavailable");
        if (!fault.equals("reset")) {
            assertThat(call.tokens().estimated()).isTrue();
            assertThat(call.tokens().output()).isEqualTo(5);
        }
        assertNoSecret(answer);
    }

    @Test
    void cutsTheConnectionWhenAStreamBreaksInAnEventOfWhichTheClientHasHalf() throws IOException {
        String half = "data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(40_000);
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(EVENT + half);
            connection.reset();
        });
        try (RawClient client = new RawClient(gateway)) {
            client.chat(Gateway.SEARCH, "{\"model\":\"deepseek-flash\",\"stream\":true}");

            assertThat(client.readAll())
                    .contains("Hello", "xxxx")
                    .doesNotContain("error")
                    .doesNotEndWith("0\r\n\r\n");
        }
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    void tellsTheUsageOfABrokenStreamThatHadReportedIt() {
        upstream.answers(head("200 OK", "text/event-stream", "connection: close") + EVENT + FINISH);
        assertThat(chat(true).body())
                .startsWith(EVENT + FINISH + "data: {\"error\":")
                .doesNotContain("[DONE]");
        CallRecord call = assertRecord(Outcome.FAILED, 200, "upstream_unavailable");
        assertThat(call.tokens().estimated()).isFalse();
        assertThat(call.tokens().output()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n\n",
                "data: <html>\n\n",
                "data: {\"choices\":[\n\n",
                "data: {\"choices\":",
                "data: {\"choices\":[]}}\n\n",
                "data: []\n\n",
                "data: [[\"x\"]]\n\n",
                "data: \"Hello\"\n\n",
                "data: 17\n\n",
                "data: null\n\n",
                "data: [DOING]\n\n",
                "data: [DONE",
                "data: [DONE]ISH\n\n",
                "data: [D,O,N,E]\n\n",
                "<html>502 Bad Gateway</html>",
                "{\"choices\":[]}"
            })
    void refusesAStreamWithoutASingleGoodEvent(String body) {
        upstream.answers(head("200 OK", "text/event-stream", "content-length: " + body.length()) + body);
        HttpResponse<String> answer = chat(true);
        if (body.isBlank() && !body.isEmpty()) {
            // Blank lines have been passed on, and with them the status.
            assertThat(answer.body()).contains("upstream_unavailable").doesNotContain("[DONE]");
            assertRecord(Outcome.FAILED, 200, "upstream_unavailable");
            return;
        }
        assertFailed(answer, 502, "upstream_unavailable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"choices\":[[\"x\"]]}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":[\"a\",{\"text\":\"b\"}],\"tool_calls\":[[[[[[[[[\"deep\"]]]]]]]]]}}]}\n\n",
                "data: {\"usage\":[1,2,3]}\n\n",
                "data: {\"usage\":{\"prompt_tokens\":[1],\"completion_tokens\":-5,\"prompt_tokens_details\":[[7]]}}\n\n",
                "data: {\"usage\":{\"prompt_tokens\":99999999999999999999999}}\n\n",
                "data: {\"usage\":null,\"choices\":null,\"model\":null,\"error\":null}\n\n",
                "data: {\"usage\":17,\"choices\":\"x\",\"model\":17,\"error\":\"\"}\n\n",
                "data: {}\n\n",
                "data:{}\n\ndata\n\nevent: x\nid: 7\nretry: 5\n\n",
                "data: {\"choices\":\ndata: []}\n\n",
                "data: {\"choices\":[]}\r\n\r\n"
            })
    void passesEventsOfAnyShape(String events) {
        String body = events + FINISH + DONE;
        upstream.answers(head("200 OK", "text/event-stream", "content-length: " + body.length()) + body);
        assertThat(chat(true).body()).isEqualTo(body);
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(call.tokens().total()).isEqualTo(12);
    }

    @Test
    void passesAnEventThatComesInManyPieces() {
        String event = EVENT.replace("Hello", "Hello ".repeat(5_000));
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            ByteArrayOutputStream chunks = new ByteArrayOutputStream();
            for (byte next : event.getBytes(StandardCharsets.UTF_8)) {
                chunks.writeBytes(new byte[] {'1', '\r', '\n', next, '\r', '\n'});
            }
            connection.write(chunks.toByteArray());
            connection.chunk(FINISH + DONE);
            connection.lastChunk();
        });
        assertThat(chat(true).body()).isEqualTo(event + FINISH + DONE);
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void passesTheUpstreamsOwnErrorInAStream() {
        String failed =
                "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n";
        upstream.answers(head("200 OK", "text/event-stream", "connection: close") + EVENT + failed);
        assertThat(chat(true).body()).isEqualTo(EVENT + failed);
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(call.tokens().estimated()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsSoonWhenTheUpstreamDoesNotEnd(boolean stream) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked(stream ? "text/event-stream" : "application/json");
            connection.chunk(stream ? EVENT + FINISH + DONE : DOCUMENT);
            connection.awaitClose();
        });
        long start = System.nanoTime();
        assertThat(chat(stream).body()).isEqualTo(stream ? EVENT + FINISH + DONE : DOCUMENT);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(call.errorCode()).isNull();
        assertThat(call.tokens().estimated()).isFalse();
    }

    @Test
    void endsSoonWhenTheUpstreamTalksOnAfterDone() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(EVENT + FINISH + DONE);
            while (true) {
                connection.chunk(": keep-alive\n\n");
                Thread.sleep(20);
            }
        });
        long start = System.nanoTime();
        assertThat(chat(true).body()).startsWith(EVENT + FINISH + DONE).doesNotContain("error");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void letsGoOfTheUpstreamWhenTheClientLeavesAsTheAnswerBegins() throws Exception {
        for (int i = 0; i < 300; i++) {
            CountDownLatch asked = new CountDownLatch(1);
            upstream.does(connection -> {
                connection.readRequest();
                asked.countDown();
                connection.beginChunked("text/event-stream");
                connection.chunk(EVENT);
                connection.awaitClose();
            });
            RawClient client = new RawClient(gateway)
                    .chat(Gateway.SEARCH, "{\"model\":\"deepseek-flash\",\"stream\":true,\"messages\":[]}");
            asked.await();
            client.reset();
            assertThat(gateway.record().outcome()).as("call %d", i).isEqualTo(Outcome.CANCELLED);
            AtRest.within(Duration.ofSeconds(1), () -> upstream.openConnections() == 0);
        }
    }

    // A document that breaks

    @ParameterizedTest
    @ValueSource(strings = {"reset", "close", "end", "bad chunk", "garbage"})
    void cutsTheConnectionWhenADocumentBreaks(String fault) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("application/json");
            connection.chunk(DOCUMENT.substring(0, 60));
            switch (fault) {
                case "reset" -> connection.reset();
                case "close" -> {}
                case "end" -> connection.lastChunk();
                case "bad chunk" -> connection.write("zz\r\nwhat");
                case "garbage" -> {
                    connection.chunk("<html>");
                    connection.lastChunk();
                }
                default -> throw new IllegalStateException(fault);
            }
        });
        for (int i = 0; i < 10; i++) {
            HttpResponse<String> answer;
            try {
                answer = chat(false);
            } catch (UncheckedIOException e) {
                // As it should: cut.
                assertRecord(Outcome.FAILED, 200, "upstream_unavailable");
                continue;
            }
            // Nothing had been passed on yet.
            assertFailed(answer, 502, "upstream_unavailable");
        }
    }

    @Test
    void cutsTheConnectionWhenADocumentIsShorterThanItSaid() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.write(head("200 OK", "application/json", "content-length: " + DOCUMENT.length())
                    + "\n".repeat(3)
                    + DOCUMENT.substring(0, 30));
            connection.write(DOCUMENT.substring(30, 60));
        });
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> chat(false)).isInstanceOf(UncheckedIOException.class);
            assertRecord(Outcome.FAILED, 200, "upstream_unavailable");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html><body>502 Bad Gateway</body></html>",
                "Service is too busy.",
                "[]",
                "[{\"model\":\"x\",\"choices\":[]}]",
                "[\"x\"]",
                "17",
                "\"Hello\"",
                "null",
                "{\"choices\":[",
                "{\"choices\":[}]",
                "{\"choices\":[]}{\"choices\":[]}",
                "{\"choices\":[]} <!-- served by nginx -->",
                "{\"choices\":[]}}"
            })
    void refusesADocumentThatIsNone(String body) {
        upstream.answers(head("200 OK", "application/json", "content-length: " + body.length()) + body);
        HttpResponse<String> answer;
        try {
            answer = chat(false);
        } catch (UncheckedIOException e) {
            // Nothing was wrong with its beginning, so that had been passed on.
            assertRecord(Outcome.FAILED, 200, "upstream_unavailable");
            return;
        }
        assertFailed(answer, 502, "upstream_unavailable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[[\"x\"]]}",
                "{\"choices\":[{\"message\":{\"content\":[\"a\"]}}],\"usage\":[1]}",
                "{}",
                "\n\n\n {\"choices\":[]}\n\n"
            })
    void passesDocumentsOfAnyShape(String body) {
        upstream.answers(head("200 OK", "application/json", "content-length: " + body.length()) + body);
        assertThat(chat(false).body()).isEqualTo(body);
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    // The wrong thing

    @ParameterizedTest
    @CsvSource({
        "false, text/html",
        "false, text/event-stream",
        "false, text/plain",
        "true, text/html",
        "true, application/json"
    })
    void refusesOtherContentTypes(boolean stream, String type) {
        upstream.answers(head("200 OK", type, "content-length: " + DOCUMENT.length()) + DOCUMENT);
        assertFailed(chat(stream), 502, "upstream_unavailable");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesAnAnswerWithoutContentType(boolean stream) {
        upstream.answers("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        assertFailed(chat(stream), 502, "upstream_unavailable");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesGzipThatNobodyAskedFor(boolean stream) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write((stream ? EVENT + FINISH + DONE : DOCUMENT).getBytes(StandardCharsets.UTF_8));
        }
        upstream.does(connection -> {
            connection.readRequest();
            assertThat(connection.head()).doesNotContainIgnoringCase("accept-encoding");
            connection.write(head(
                    "200 OK",
                    stream ? "text/event-stream" : "application/json",
                    "content-encoding: gzip\r\ncontent-length: " + zipped.size()));
            connection.write(zipped.toByteArray());
        });
        assertFailed(chat(stream), 502, "upstream_unavailable");
    }

    @ParameterizedTest
    @CsvSource({
        "500 Internal Server Error, 502",
        "502 Bad Gateway, 502",
        "503 Service Unavailable, 503",
        "504 Gateway Timeout, 502",
        "529 Overloaded, 502",
        "302 Found, 502",
        "304 Not Modified, 502",
        "204 No Content, 502",
        "201 Created, 502",
        "101 Switching Protocols, 502"
    })
    void saysThatTheUpstreamFailed(String status, int told) {
        String body = status.startsWith("204") || status.startsWith("304") || status.startsWith("101")
                ? ""
                : "{\"error\":{\"message\":\"key " + Gateway.UPSTREAM_KEY + "\"}}";
        upstream.answers(head(
                        status,
                        "application/json",
                        "location: http://127.0.0.1:1/elsewhere\r\ncontent-length: " + body.length())
                + body);
        for (boolean stream : new boolean[] {true, false}) {
            HttpResponse<String> answer = chat(stream);
            assertThat(answer.headers().firstValue("location")).isEmpty();
            assertThat(answer.headers().firstValue("x-ds-trace-id")).hasValue("trace-1");
            assertFailed(answer, told, "upstream_unavailable");
        }
    }

    // Refusals

    @ParameterizedTest
    @CsvSource({
        "401 Unauthorized, upstream_authentication",
        "403 Forbidden, upstream_authentication",
        "402 Payment Required, upstream_insufficient_balance"
    })
    void keepsTheGatewaysOwnTroubleToItself(String status, String code) {
        upstream.answers(error(
                status,
                "{\"error\":{\"message\":\"Authentication Fails, Your api key: ****3750 is invalid "
                        + Gateway.UPSTREAM_KEY + "\"}}"));
        for (boolean stream : new boolean[] {true, false}) {
            HttpResponse<String> answer = chat(stream);
            assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
            assertThat(answer.headers().firstValue("x-ds-trace-id")).hasValue("trace-1");
            assertEnvelope(answer, 503, "server_error", code);
            assertRecord(Outcome.REFUSED, 503, code);
        }
    }

    @ParameterizedTest
    @CsvSource({"'', 1", "retry-after: 7, 7"})
    void saysThatTheUpstreamsLimitIsNotTheTenants(String header, String retryAfter) {
        String body = "{\"error\":{\"message\":\"Too many requests. Your current concurrency is 26.\"}}";
        upstream.answers(head(
                        "429 Too Many Requests",
                        "application/json",
                        (header.isEmpty() ? "" : header + "\r\n") + "content-length: " + body.length())
                + body);
        HttpResponse<String> answer = chat(true);
        assertThat(answer.headers().firstValue("retry-after")).hasValue(retryAfter);
        assertThat(answer.headers().firstValue("x-ds-trace-id")).hasValue("trace-1");
        JsonNode error = assertEnvelope(answer, 429, "requests", "upstream_rate_limited");
        assertThat(error.path("message").stringValue()).contains("not your tenant's own limit");
        assertRecord(Outcome.REFUSED, 429, "upstream_rate_limited");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"message\":\"Content Exists Risk\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_request_error\"}}",
                "{ \"error\" : {\n\"message\":\"caf\\u00e9 日本 3750x*\" } ,\"more\":[1,2]}\n",
                "\n\n{\"error\":{\"message\":\"late\"}}",
                "{\"error_msg\":\"Not Found. Please check the configuration.\"}"
            })
    void passesARefusalAsItCame(String body) {
        for (String status : List.of(
                "400 Bad Request",
                "404 Not Found",
                "413 Payload Too Large",
                "422 Unprocessable Entity",
                "409 Conflict")) {
            upstream.answers(error(status, body));
            for (boolean stream : new boolean[] {true, false}) {
                HttpResponse<String> answer = chat(stream);
                int code = Integer.parseInt(status.substring(0, 3));
                assertThat(answer.statusCode()).isEqualTo(code);
                assertThat(answer.body()).isEqualTo(body);
                assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
                assertThat(answer.headers().firstValue("x-ds-trace-id")).hasValue("trace-1");
                assertNoUpstreamHeaders(answer);
                CallRecord call = assertRecord(Outcome.REFUSED, code, "upstream_refused");
                assertThat(answer.headers().firstValue("x-request-id")).hasValue(call.requestId());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>404 Not Found</html>", "Not Found", "", "[]"})
    void putsARefusalThatIsNoJsonInTheEnvelope(String body) {
        upstream.answers(error("404 Not Found", body));
        assertEnvelope(chat(false), 404, "invalid_request_error", "upstream_refused");
        assertRecord(Outcome.REFUSED, 404, "upstream_refused");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Your api key: ****3750 is invalid",
                "Your api key: sk-up****3750 is invalid",
                "Your api key: sk-upstre…3750 is invalid",
                "Your api key: sk-upstre...3750 is invalid",
                "Your api key " + Gateway.UPSTREAM_KEY + " is invalid",
                "Your api key \\\"" + Gateway.UPSTREAM_KEY + "\\\" is invalid",
                "Authorization: Bearer " + Gateway.UPSTREAM_KEY,
                "sk-upst******** is invalid"
            })
    void masksTheKeyInARefusal(String message) {
        upstream.answers(error("400 Bad Request", "{\"error\":{\"message\":\"" + message + "\"}}"));
        HttpResponse<String> answer = chat(false);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(JsonMapper.shared()
                        .readTree(answer.body())
                        .at("/error/message")
                        .stringValue())
                .contains("[masked]");
        assertNoSecret(answer);
        assertRecord(Outcome.REFUSED, 400, "upstream_refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"400 Bad Request", "500 Internal Server Error"})
    void readsNoMoreOfAHugeErrorThanItWants(String status) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.write(head(status, "application/json", "transfer-encoding: chunked"));
            connection.chunk("{\"error\":{\"message\":\"");
            while (true) {
                connection.chunk("x".repeat(10_000));
            }
        });
        long start = System.nanoTime();
        HttpResponse<String> answer = chat(true);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        if (status.startsWith("400")) {
            assertEnvelope(answer, 400, "invalid_request_error", "upstream_refused");
            assertRecord(Outcome.REFUSED, 400, "upstream_refused");
        } else {
            assertFailed(answer, 502, "upstream_unavailable");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "429, 429, REFUSED, false",
        "429, 429, REFUSED, true",
        "503, 503, FAILED, false",
        "503, 503, FAILED, true",
        "422, 422, REFUSED, true"
    })
    void goesByTheStatusWhenItsBodyDoesNotCome(int status, int told, Outcome outcome, boolean reset) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.write(head(status + " Whatever", "application/json", "content-length: 100") + "{\"error\":");
            if (reset) {
                connection.reset();
            }
            connection.awaitClose();
        });
        long start = System.nanoTime();
        HttpResponse<String> answer = chat(true);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        assertThat(answer.statusCode()).isEqualTo(told);
        assertThat(JsonMapper.shared().readTree(answer.body()).path("error").propertyNames())
                .containsExactly("message", "type", "param", "code");
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(outcome);
        assertThat(call.status()).isEqualTo(told);
    }

    // Headers

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void passesTheTraceAndNoOtherHeaderOfTheUpstreams(boolean stream) {
        String body = stream ? EVENT + FINISH + DONE : DOCUMENT;
        upstream.answers(head(
                        "200 OK",
                        stream ? "text/event-stream; charset=utf-8" : "application/json",
                        "cache-control: no-cache\r\ncontent-length: " + body.length())
                + body);
        HttpResponse<String> answer = chat(stream);
        assertThat(answer.body()).isEqualTo(body);
        assertThat(answer.headers().firstValue("x-ds-trace-id")).hasValue("trace-1");
        assertThat(answer.headers().firstValue("cache-control")).hasValue("no-cache");
        assertNoUpstreamHeaders(answer);
        assertNoSecret(answer);
        assertThat(answer.headers().firstValue("x-request-id"))
                .hasValue(gateway.record().requestId());
    }

    @Test
    void sendsTheUpstreamNothingButWhatItNeeds() {
        String[] head = {""};
        upstream.does(connection -> {
            connection.readRequest();
            head[0] = connection.head();
            connection.write(head("200 OK", "application/json", "content-length: " + DOCUMENT.length()) + DOCUMENT);
        });
        gateway.send(gateway.request("/chat/completions?api_key=x", Gateway.SEARCH)
                .header("cookie", "a=b")
                .header("x-forwarded-for", "10.0.0.1")
                .header("x-api-key", Gateway.SEARCH.value())
                .header("openai-organization", "org")
                .header("x-stainless-retry-count", "1")
                .header("te", "trailers")
                .POST(BodyPublishers.ofString("{\"model\":\"deepseek-flash\"}"))
                .build());
        gateway.record();
        assertThat(head[0].lines().skip(1).map(line -> line.split(":")[0].toLowerCase(java.util.Locale.ROOT)))
                .containsOnly("host", "authorization", "content-type", "content-length", "user-agent", "accept", "");
        assertThat(head[0])
                .startsWith("POST /chat/completions HTTP/1.1\r\n")
                .containsIgnoringCase("authorization: Bearer " + Gateway.UPSTREAM_KEY)
                .doesNotContain(Gateway.SEARCH.value());
    }

    @Test
    void keepsConnectionsApartWhenAnAnswerIsLongerThanItSaid() {
        upstream.does(connection -> {
            for (int i = 0; i < 2; i++) {
                connection.readRequest();
                connection.write(head("200 OK", "application/json", "content-length: " + DOCUMENT.length()) + DOCUMENT
                        + "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"id\":42}");
            }
        });
        for (int i = 0; i < 10; i++) {
            assertThat(chat(false).body()).isEqualTo(DOCUMENT);
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
        }
    }

    private static HttpResponse<String> chat(boolean stream) {
        return send("{\"model\":\"deepseek-flash\",\"stream\":" + stream + ",\"messages\":[]}");
    }

    private static HttpResponse<String> send(String body) {
        return gateway.send(gateway.request("/chat/completions", Gateway.SEARCH)
                .timeout(Duration.ofSeconds(15))
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private static String head(String status, String contentType, String headers) {
        return "HTTP/1.1 " + status + "\r\ncontent-type: " + contentType + "\r\nx-ds-trace-id: trace-1\r\n"
                + "server: openresty\r\nset-cookie: session=1; path=/\r\nvia: 1.1 proxy\r\nx-powered-by: upstream\r\n"
                + headers + "\r\n\r\n";
    }

    private static String error(String status, String body) {
        return head(status, "application/json", "content-length: " + body.getBytes(StandardCharsets.UTF_8).length)
                + body;
    }

    private static void assertFailed(HttpResponse<String> answer, int status, String code) {
        JsonNode error = assertEnvelope(answer, status, "server_error", code);
        assertThat(error.path("param").isNull()).isTrue();
        CallRecord call = assertRecord(Outcome.FAILED, status, code);
        assertThat(answer.headers().firstValue("x-request-id")).hasValue(call.requestId());
        assertThat(call.tokens().total()).isZero();
    }

    private static JsonNode assertEnvelope(HttpResponse<String> answer, int status, String type, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        JsonNode error = JsonMapper.shared().readTree(answer.body()).path("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.path("message").stringValue()).isNotBlank();
        assertThat(error.path("type").stringValue()).isEqualTo(type);
        assertThat(error.path("code").stringValue()).isEqualTo(code);
        assertNoUpstreamHeaders(answer);
        assertNoSecret(answer);
        return error;
    }

    private static void assertNoUpstreamHeaders(HttpResponse<String> answer) {
        assertThat(answer.headers().map().keySet())
                .isSubsetOf(
                        "content-type",
                        "content-length",
                        "transfer-encoding",
                        "cache-control",
                        "retry-after",
                        "x-should-retry",
                        "x-request-id",
                        "x-ds-trace-id");
    }

    /** Not even the four last characters by which providers name a key. */
    private static void assertNoSecret(HttpResponse<String> answer) {
        List<String> parts = IntStream.rangeClosed(0, Gateway.UPSTREAM_KEY.length() - 9)
                .mapToObj(from -> Gateway.UPSTREAM_KEY.substring(from, from + 9))
                .toList();
        StringBuilder all = new StringBuilder(answer.body());
        answer.headers().map().forEach((name, values) -> {
            if (!name.equals("x-request-id")) {
                all.append(name).append(values);
            }
        });
        assertThat(all.toString()).doesNotContain(parts).doesNotContain("3750");
    }

    private static CallRecord assertRecord(Outcome outcome, int status, String code) {
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(outcome);
        assertThat(call.status()).isEqualTo(status);
        assertThat(call.errorCode()).isEqualTo(code);
        return call;
    }
}

package io.deepgate.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.LogLines;
import io.deepgate.Overheard;
import io.deepgate.RawClient;
import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.server.adapter.HttpWebHandlerAdapter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whatever a caller sends, it gets an error it can read, and nothing of it reaches the upstream. */
@ExtendWith(Leaks.class)
class BadRequestTests {

    private static final int LIMIT = 64 * 1024;
    private static final ApiKey EXPIRED = ApiKey.parse("dg-old1-0123456789abcdefghij0123456789abcdefghij");
    private static final String CHAT = "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + Overheard.CANARY + "\"}]}";

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = Gateway.with(
                """
                tenants:
                  - { id: search, keys: [{ id: %s, sha256: %s }] }
                  - { id: old, keys: [{ id: %s, sha256: %s, expires: 2020-01-01T00:00:00Z }] }
                """.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex(), EXPIRED.id(), EXPIRED.sha256Hex()),
                sandbox.baseUrl(),
                "gateway.api.max-request-size=64KB",
                "gateway.api.request-timeout=1s",
                "server.netty.idle-timeout=1s",
                "gateway.catalog.aliases.fast.slug=deepseek-flash");
        gateway.chat(CHAT);
        gateway.record();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
    }

    // Who is calling

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "authorization: Bearer",
                "authorization: Bearer ",
                "authorization: Basic c2VhcmNoOnNlY3JldA==",
                "authorization: dg-search1-0123456789abcdefghij0123456789abcdefghij",
                "authorization: Bearer sk-0123456789abcdef",
                "authorization: Bearer dg-",
                "authorization: Bearer dg--0123456789abcdefghij0123456789abcdefghij",
                "authorization: Bearer dg-search1-",
                "authorization: Bearer dg-search1-wrong",
                "authorization: Bearer dg-nobody-0123456789abcdefghij0123456789abcdefghij",
                "authorization: Bearer dg-old1-0123456789abcdefghij0123456789abcdefghij",
                "x-api-key: dg-search1-wrong",
                "authorization: Bearer wrong\r\nx-api-key: dg-search1-0123456789abcdefghij0123456789abcdefghij"
            })
    void saysTheSameToEveryKeyThatIsNotGood(String header) throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send("POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n"
                    + "content-type: application/json\r\ncontent-length: " + CHAT.length() + "\r\n"
                    + (header.isEmpty() ? "" : header + "\r\n") + "\r\n" + CHAT);
            String answer = client.readAll();
            assertThat(answer).startsWith("HTTP/1.1 401 ").containsPattern("x-request-id: [0-9a-f-]{36}\r\n");
            JsonNode error = envelope(answer.substring(answer.indexOf("\r\n\r\n")));
            assertThat(error.path("type").stringValue()).isEqualTo("invalid_request_error");
            assertThat(error.path("code").stringValue()).isEqualTo("invalid_api_key");
            assertThat(error.path("message").stringValue())
                    .isEqualTo("The API key is missing, unknown or expired."
                            + " Send a valid one as \"Authorization: Bearer dg-…\".");
        }
    }

    // What do they ask

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "{",
                "{\"model\":\"deepseek-flash\"",
                "{\"model\":\"deepseek-flash\",}",
                "{\"model\":\"deepseek-flash\"} {",
                "{\"model\":\"deepseek-flash\"}{\"model\":\"deepseek-flash\"}",
                "{'model':'deepseek-flash'}",
                "{\"model\":\"deepseek-flash\",\"messages\":[}",
                "{\"model\":\"deepseek-\nflash\"}",
                "{\"model\":\"deepseek-flash\",\"temperature\":NaN}",
                "null",
                "\"model\"",
                "17",
                "[]",
                "[{\"model\":\"deepseek-flash\"}]",
                "  ",
                ""
            })
    void refusesWhatIsNoJsonObject(String body) {
        assertRefused(post(bytes(body)), 400, "invalid_json", null);
    }

    @Test
    void refusesTenThousandLevels() {
        String deep = "{\"model\":\"deepseek-flash\",\"messages\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
        assertRefused(post(bytes(deep)), 400, "invalid_json", null);
        String deepFirst = "[".repeat(10_000) + "]".repeat(10_000);
        assertRefused(post(bytes(deepFirst)), 400, "invalid_json", null);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                    {"messages":[]}                                        | missing_required_parameter | model
                    {"model":17}                                           | invalid_type  | model
                    {"model":null}                                         | invalid_type  | model
                    {"model":{"model":"deepseek-flash"}}                   | invalid_type  | model
                    {"model":["deepseek-flash"]}                           | invalid_type  | model
                    {"model":true}                                         | invalid_type  | model
                    {"model":""}                                           | invalid_value | model
                    {"model":"deepseek-flash","model":"deepseek-v4-pro"}   | invalid_value | model
                    {"model":"deepseek-flash","mod\\u0065l":"deepseek-pro"} | invalid_value | model
                    {"model":"deepseek-flash","stream":true,"stream":false} | invalid_value | stream
                    {"model":"deepseek-flash","stream":"true"}             | invalid_type  | stream
                    {"model":"deepseek-flash","stream":1}                  | invalid_type  | stream
                    {"model":"deepseek-flash","max_tokens":"1"}            | invalid_type  | max_tokens
                    {"model":"deepseek-flash","max_tokens":1.5}            | invalid_type  | max_tokens
                    {"model":"deepseek-flash","max_tokens":1,"max_tokens":2} | invalid_value | max_tokens
                    {"model":"deepseek-flash","max_completion_tokens":[1]} | invalid_type  | max_completion_tokens
                    {"model":"deepseek-flash","max_tokens":99999999999999999999} | invalid_value | max_tokens
                    """)
    void namesTheFieldThatIsWrong(String body, String code, String param) {
        assertRefused(post(bytes(body)), 400, code, param);
    }

    @Test
    void refusesAModelOfTenKilobytes() {
        JsonNode error =
                assertRefused(post(bytes("{\"model\":\"" + "m".repeat(10_000) + "\"}")), 400, "invalid_value", "model");
        assertThat(error.path("message").stringValue().length()).isLessThan(200);
    }

    @Test
    void refusesOtherEncodingsThanUtf8() {
        assertRefused(post(CHAT.getBytes(StandardCharsets.UTF_16)), 400, "invalid_json", null);
        assertRefused(post(CHAT.getBytes(StandardCharsets.UTF_16LE)), 400, "invalid_json", null);
        assertRefused(post(CHAT.getBytes(StandardCharsets.UTF_16BE)), 400, "invalid_json", null);
        assertRefused(
                post(latin1("{\"model\":\"deepseek-flash\",\"messages\":\"caf\u00e9\"}")), 400, "invalid_json", null);
        assertRefused(post(latin1("{\"model\":\"deep\u00ffseek\"}")), 400, "invalid_json", null);
        assertRefused(post(latin1("{\"model\":\"deepseek-flash\",\"\u00e9\":1}")), 400, "invalid_json", null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"})
    void refusesOtherContentTypes(String type) {
        var request = gateway.request("/chat/completions", Gateway.SEARCH)
                .setHeader("content-type", type)
                .POST(BodyPublishers.ofString(CHAT))
                .build();
        assertRefused(gateway.send(request), 400, "invalid_content_type", null);
    }

    @Test
    void refusesContentEncodings() {
        var request = gateway.request("/chat/completions", Gateway.SEARCH)
                .header("content-encoding", "gzip")
                .POST(BodyPublishers.ofString(CHAT))
                .build();
        assertRefused(gateway.send(request), 400, "invalid_content_encoding", null);
    }

    // How large, and how slow

    @Test
    void takesABodyOfExactlyTheLimit() {
        String filler = "x".repeat(LIMIT - CHAT.length() - ",\"pad\":\"\"".length());
        String largest = CHAT.substring(0, CHAT.length() - 1) + ",\"pad\":\"" + filler + "\"}";
        assertThat(largest).hasSize(LIMIT);
        assertThat(post(bytes(largest)).statusCode()).isEqualTo(200);
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void refusesABodyThatSaysItIsTooLarge() throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, LIMIT + 1));
            assertRefused(client, 413, "request_too_large");
        }
    }

    @Test
    void refusesABodyThatTurnsOutTooLarge() throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, -1, "transfer-encoding: chunked"));
            String chunk = "1000\r\n" + " ".repeat(0x1000) + "\r\n";
            for (int sent = 0; sent <= LIMIT; sent += 0x1000) {
                client.send(chunk);
            }
            assertRefused(client, 413, "request_too_large");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsAClientThatItsBodyIsTooLargeWhileItStillSends(boolean chunked) {
        byte[] large = new byte[8 * 1024 * 1024];
        Arrays.fill(large, (byte) ' ');
        var body = chunked
                ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large))
                : BodyPublishers.ofByteArray(large);
        var request =
                gateway.request("/chat/completions", Gateway.SEARCH).POST(body).build();
        assertRefused(gateway.send(request), 413, "request_too_large", null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"model\":"})
    void refusesABodyThatDoesNotCome(String begun) throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, 100) + begun);
            assertRefused(client, 408, "request_timeout");
            assertThat(client.readAll()).isEmpty();
        }
    }

    @Test
    void refusesABodyThatTricklesForTooLong() throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, 1000));
            Thread trickle = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        client.send(" ");
                        Thread.sleep(50);
                    }
                } catch (IOException | InterruptedException e) {
                    // Refused.
                }
            });
            assertRefused(client, 408, "request_timeout");
            trickle.interrupt();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5\r\n{\"mod\r\n", "%x\r\n%s\r\n"})
    void forwardsNothingOfABodyWhoseChunksAreBroken(String begun) throws Exception {
        long before = sandbox.requests();
        try (LogLines log = LogLines.of(HttpWebHandlerAdapter.class);
                RawClient client = new RawClient(gateway)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, -1, "transfer-encoding: chunked")
                    + begun.formatted(CHAT.length(), CHAT) + "zz\r\n");
            assertThat(client.readAll()).startsWith("HTTP/1.1 400 ");
            CallRecord call = gateway.record();
            assertThat(call.outcome()).isEqualTo(Outcome.REJECTED);
            assertThat(call.status()).isEqualTo(400);
            AtRest.assertThatHolds(gateway);
            assertThat(log.texts()).noneMatch(line -> line.startsWith("ERROR"));
        }
        assertThat(sandbox.requests()).isEqualTo(before);
    }

    @Test
    void closesAConnectionThatAsksNothing() throws Exception {
        try (RawClient silent = new RawClient(gateway);
                RawClient begun = new RawClient(gateway)) {
            begun.send("POST /v1/chat/completions HTTP/1.1\r\nhost: gat");
            assertThat(silent.readAll()).isEmpty();
            assertThat(begun.readAll()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void recordsAClientThatLeavesWithHalfItsBodySent(boolean politely) throws Exception {
        RawClient client = new RawClient(gateway);
        client.send(RawClient.chatHead(Gateway.SEARCH, CHAT.length()) + CHAT.substring(0, 20));
        AtRest.within(Duration.ofSeconds(1), () -> AtRest.inFlight(gateway, "search") == 1);
        if (politely) {
            client.close();
        } else {
            client.reset();
        }
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(call.status()).isEqualTo(499);
        assertThat(call.errorCode()).isNull();
        assertThat(call.tokens().total()).isZero();
    }

    // Where

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/chat/completions, 405, method_not_allowed",
        "PUT, /v1/chat/completions, 405, method_not_allowed",
        "DELETE, /v1/models, 405, method_not_allowed",
        "POST, /v1/embeddings, 404, not_found",
        "POST, /v1/v1/chat/completions, 404, not_found",
        "POST, /v1/chat/completions/, 404, not_found",
        "POST, /v1/chat//completions, 404, not_found",
        "POST, /V1/chat/completions, 404, not_found",
        "POST, /v1/../user/balance, 404, not_found",
        "GET, /user/balance, 404, not_found",
        "GET, /, 404, not_found",
        "GET, /v1, 404, not_found",
        "GET, /v1/modelsandmore, 404, not_found",
        "GET, /actuator/prometheus, 404, not_found",
        "BREW, /v1/chat/completions, 405, method_not_allowed",
        "GET, /v1/models/gpt-9, 404, model_not_found",
        "GET, /v1/models/deepseek-flash/x, 404, model_not_found"
    })
    void saysWhatIsServed(String method, String path, int status, String code) throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send(
                    method + " " + path + " HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\nauthorization: Bearer "
                            + Gateway.SEARCH.value() + "\r\ncontent-length: 0\r\n\r\n");
            String answer = client.readAll();
            assertThat(answer)
                    .startsWith("HTTP/1.1 " + status + " ")
                    .containsPattern("x-request-id: [0-9a-f-]{36}\r\n");
            assertThat(envelope(answer.substring(answer.indexOf("\r\n\r\n")))
                            .path("code")
                            .stringValue())
                    .isEqualTo(code);
        }
    }

    @Test
    void servesNothingToStrangersNotEvenA404() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/nothing"))
                .build();
        assertThat(gateway.send(request).statusCode()).isEqualTo(401);
    }

    @Test
    void neverTakesTheCallersRequestId() throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            String injection = "x-request-id: mine%0d%0aset-cookie:%20a=b";
            client.send(RawClient.chatHead(Gateway.SEARCH, CHAT.length(), injection) + CHAT);
            assertThat(client.readHead())
                    .startsWith("HTTP/1.1 200 ")
                    .contains("x-request-id: " + gateway.record().requestId() + "\r\n")
                    .doesNotContain("mine")
                    .doesNotContainIgnoringCase("set-cookie");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-request-id: \u0001", "x-request-id: a\rset-cookie: b", "x request id: a", ": a"})
    void letsNoBrokenHeaderIn(String header) throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, CHAT.length(), header) + CHAT);
            assertThat(client.readAll()).startsWith("HTTP/1.1 400 ").doesNotContainIgnoringCase("set-cookie");
        }
    }

    // The model's value, wherever it stands

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
                    {"model":"fast","messages":[]}                     | {"model":"deepseek-flash","messages":[]}
                    {"messages":[],"model":"fast"}                     | {"messages":[],"model":"deepseek-flash"}
                    {"a":"\\"model\\":\\"fast\\"","model" : "fast" }   | {"a":"\\"model\\":\\"fast\\"","model" : "deepseek-flash" }
                    {"model":"f\\u0061st","a":"\\u0061"}               | {"model":"deepseek-flash","a":"\\u0061"}
                    {"mod\\u0065l":"fast"}                             | {"mod\\u0065l":"deepseek-flash"}
                    {"o":{"model":"fast"},"model":"fast","l":["model"]} | {"o":{"model":"fast"},"model":"deepseek-flash","l":["model"]}
                    {"ü":"日本語😀","model":"fast","x":"é"}               | {"ü":"日本語😀","model":"deepseek-flash","x":"é"}
                    {"model":"who \\"knows\\" \\\\ \\n \\ud83d\\ude00 日本"} | {"model":"deepseek-flash"}
                    {"model":"deepseek-\\u0066lash"}                   | {"model":"deepseek-\\u0066lash"}
                    {"model":"deepseek-v4-pro"}                        | {"model":"deepseek-v4-pro"}
                    """)
    void splicesTheSlugAndNothingElse(String sent, String received) {
        post(bytes(sent));
        gateway.record();
        assertThat(sandbox.lastRequestBody()).isEqualTo(received);
    }

    @Test
    void splicesTheSlugWhereverAReadersBufferEnds() {
        for (int before = 7_960; before < 8_020; before++) {
            String pad = "{\"pad\":\"" + "é".repeat(before / 2 - 10) + " ".repeat(before % 2) + "\",";
            post(bytes(pad + "\"model\":\"fast\",\"after\":\"日本語\"}"));
            gateway.record();
            assertThat(sandbox.lastRequestBody()).isEqualTo(pad + "\"model\":\"deepseek-flash\",\"after\":\"日本語\"}");
        }
    }

    private static HttpResponse<String> post(byte[] body) {
        return gateway.send(gateway.request("/chat/completions", Gateway.SEARCH)
                .POST(BodyPublishers.ofByteArray(body))
                .build());
    }

    /** Refused by the gateway, in the envelope, recorded once, and the upstream never heard of it. */
    private static JsonNode assertRefused(
            HttpResponse<String> answer, int status, String code, @Nullable String param) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        CallRecord call = assertRejected(status, code);
        assertThat(answer.headers().firstValue("x-request-id")).hasValue(call.requestId());
        JsonNode error = envelope(answer.body());
        assertThat(error.path("type").stringValue()).isEqualTo("invalid_request_error");
        assertThat(error.path("code").stringValue()).isEqualTo(code);
        assertThat(error.path("param").stringValue(null)).isEqualTo(param);
        return error;
    }

    private static void assertRefused(RawClient client, int status, String code) throws IOException {
        String answer = client.readAnswer();
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        CallRecord call = assertRejected(status, code);
        assertThat(answer).contains("x-request-id: " + call.requestId());
        JsonNode error = envelope(answer.substring(answer.indexOf("\r\n\r\n")));
        assertThat(error.path("code").stringValue()).isEqualTo(code);
    }

    private static CallRecord assertRejected(int status, String code) {
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(call.status()).isEqualTo(status);
        assertThat(call.errorCode()).isEqualTo(code);
        assertThat(call.tokens().total()).isZero();
        return call;
    }

    /** The error of a body that holds OpenAI's envelope and nothing else. */
    private static JsonNode envelope(String body) {
        JsonNode document = JsonMapper.shared().readTree(body);
        assertThat(document.propertyNames()).containsExactly("error");
        JsonNode error = document.path("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.path("message").stringValue()).isNotBlank();
        return error;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}

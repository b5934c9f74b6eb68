package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each row of the table: what the caller is told, and what the operators see of it. */
@ExtendWith(Leaks.class)
class ErrorTableTests {

    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";
    private static final String SAY_OK =
            "\"messages\":[{\"role\":\"user\",\"content\":\"[[say ok]] " + Overheard.CANARY + "\"}]";
    private static final ApiKey EXPIRED = key("old");

    private static Sandbox sandbox;
    private static RawUpstream raw;
    private static ClosedPort gone;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        raw = RawUpstream.start();
        gone = new ClosedPort();
        gateway = Gateway.with(
                "tenants:\n" + tenant("search", Gateway.SEARCH, "models: ['*']") + tenant("old", EXPIRED, "models: []")
                        + tenant("few", key("few"), "models: [deepseek-flash]")
                        + tenant("request", key("request"), "limits: { requests-per-minute: 1 }")
                        + tenant("token", key("token"), "limits: { tokens-per-minute: 100 }")
                        + tenant("open", key("open"), "limits: { concurrent-requests: 1 }")
                        + tenant("budget", key("budget"), "budget: { tokens-per-day: 1 }"),
                sandbox.baseUrl(),
                "gateway.catalog.unknown-models=reject",
                "gateway.api.max-request-size=64KB",
                "gateway.api.request-timeout=1s",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100",
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=1000",
                "resilience4j.circuitbreaker.instances.[fragile/deepseek-flash].base-config=default",
                "resilience4j.circuitbreaker.instances.[fragile/deepseek-flash].minimum-number-of-calls=2",
                "gateway.catalog.upstreams.deepseek.first-content-timeout=300ms",
                "gateway.catalog.upstreams.raw.base-url=" + raw.baseUrl(),
                "gateway.catalog.upstreams.raw.api-key=" + Gateway.UPSTREAM_KEY,
                "gateway.catalog.aliases.raw.slug=raw",
                "gateway.catalog.aliases.raw.upstream=raw",
                "gateway.catalog.upstreams.gone.base-url=" + gone.baseUrl(),
                "gateway.catalog.upstreams.gone.api-key=sk-gone",
                "gateway.catalog.aliases.gone.slug=gone",
                "gateway.catalog.aliases.gone.upstream=gone",
                "gateway.catalog.upstreams.fragile.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.fragile.api-key=sk-fragile",
                "gateway.catalog.aliases.fragile.slug=deepseek-flash",
                "gateway.catalog.aliases.fragile.upstream=fragile",
                "gateway.catalog.upstreams.broke.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.broke.api-key=sk-broke",
                "gateway.catalog.aliases.broke.slug=deepseek-flash",
                "gateway.catalog.aliases.broke.upstream=broke",
                "gateway.catalog.upstreams.locked.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.locked.api-key=sk-invalid-3750",
                "gateway.catalog.aliases.locked.slug=deepseek-flash",
                "gateway.catalog.aliases.locked.upstream=locked");
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        sandbox.close();
        raw.close();
        gone.close();
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
    }

    // Refused here

    @Test
    void noUnknownOrExpiredKey() {
        List<String> messages = Stream.of("", "nonsense", key("nobody").value(), EXPIRED.value(), "dg-search1-wrong")
                .map(key -> gateway.send(HttpRequest.newBuilder(uri("/v1/chat/completions"))
                        .header("authorization", "Bearer " + key)
                        .POST(BodyPublishers.ofString("{}"))
                        .build()))
                .map(answer -> told(answer, 401, INVALID, "invalid_api_key", null))
                .distinct()
                .toList();
        assertThat(messages).hasSize(1);
    }

    @Test
    void modelUnknownOrNotThisTenants() {
        String unknown = told(post(key("few"), "gpt-9", SAY_OK), 404, INVALID, "model_not_found", "model");
        recorded("few", Outcome.REJECTED, 404, "model_not_found");
        String forbidden = told(post(key("few"), "raw", SAY_OK), 404, INVALID, "model_not_found", "model");
        recorded("few", Outcome.REJECTED, 404, "model_not_found");
        assertThat(unknown.replace("gpt-9", "raw")).isEqualTo(forbidden);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"model":                                                        | invalid_json               | ''
            []                                                               | invalid_json               | ''
            {"messages":[]}                                                  | missing_required_parameter | model
            {"model":7}                                                      | invalid_type               | model
            {"model":"deepseek-flash","stream":"yes"}                        | invalid_type               | stream
            {"model":"deepseek-flash","max_tokens":"many"}                   | invalid_type               | max_tokens
            {"model":"deepseek-flash","n":2}                                 | invalid_value              | n
            {"model":"deepseek-flash","model":"raw"}                         | invalid_value              | model
            {"model":"deepseek-flash","response_format":{"type":"json_schema"}} | invalid_value           | response_format
            """)
    void unreadableOrContradictoryRequest(String body, String code, String param) {
        String message = told(send(Gateway.SEARCH, body), 400, INVALID, code, param.equals("''") ? null : param);
        assertThat(message).isNotBlank();
        recorded("search", Outcome.REJECTED, 400, code);
    }

    @Test
    void bodyOverTheLimit() {
        String body = "{\"model\":\"deepseek-flash\",\"x\":\"" + "y".repeat(64 * 1024) + "\"}";
        told(send(Gateway.SEARCH, body), 413, INVALID, "request_too_large", null);
        recorded("search", Outcome.REJECTED, 413, "request_too_large");
    }

    @Test
    void requestsSpent() {
        assertThat(post(key("request"), "deepseek-flash", SAY_OK).statusCode()).isEqualTo(200);
        gateway.record();
        HttpResponse<String> answer = post(key("request"), "deepseek-flash", SAY_OK);
        told(answer, 429, "requests", "rate_limit_exceeded", null);
        assertRetryAfter(answer, 60);
        assertThat(answer.headers().firstValue("x-ratelimit-limit-requests")).hasValue("1");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests"))
                .hasValue("0");
        assertThat(answer.headers().firstValue("x-ratelimit-reset-requests")).isPresent();
        recorded("request", Outcome.REJECTED, 429, "rate_limit_exceeded");
        assertThat(rejected("request", "requests")).isOne();
    }

    @Test
    void tokensSpent() {
        assertThat(post(key("token"), "deepseek-flash", SAY_OK).statusCode()).isEqualTo(200);
        gateway.record();
        HttpResponse<String> answer =
                post(key("token"), "deepseek-flash", "\"max_tokens\":100,\"x\":\"" + "y".repeat(400) + "\"," + SAY_OK);
        told(answer, 429, "tokens", "rate_limit_exceeded", null);
        assertRetryAfter(answer, 60);
        assertThat(answer.headers().firstValue("x-ratelimit-limit-tokens")).hasValue("100");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-tokens")).isPresent();
        assertThat(answer.headers().firstValue("x-ratelimit-reset-tokens")).isPresent();
        recorded("token", Outcome.REJECTED, 429, "rate_limit_exceeded");
        assertThat(rejected("token", "tokens")).isOne();
    }

    @Test
    void concurrencySpent() throws IOException {
        raw.does(RawUpstream.Connection::awaitClose);
        try (RawClient client = new RawClient(gateway)) {
            client.chat(key("open"), "{\"model\":\"raw\"," + SAY_OK + "}");
            AtRest.within(Duration.ofSeconds(2), () -> raw.openConnections() > 0);
            HttpResponse<String> answer = post(key("open"), "deepseek-flash", SAY_OK);
            told(answer, 429, "concurrency", "rate_limit_exceeded", null);
            assertRetryAfter(answer, 1);
            recorded("open", Outcome.REJECTED, 429, "rate_limit_exceeded");
            assertThat(rejected("open", "concurrency")).isOne();
        }
        recorded("open", Outcome.CANCELLED, 499, null);
    }

    @Test
    void budgetSpent() {
        assertThat(post(key("budget"), "deepseek-flash", SAY_OK).statusCode()).isEqualTo(200);
        gateway.record();
        HttpResponse<String> answer = post(key("budget"), "deepseek-flash", SAY_OK);
        assertThat(told(answer, 429, "insufficient_quota", "insufficient_quota", null))
                .contains("1 tokens a day is spent", "renews at");
        assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
        assertThat(answer.headers().firstValue("retry-after")).isEmpty();
        assertThat(answer.headers().firstValue("x-budget-warning")).isPresent();
        recorded("budget", Outcome.REJECTED, 429, "insufficient_quota");
        assertThat(rejected("budget", "budget")).isOne();
    }

    @Test
    void breakerOpen() {
        for (int i = 0; i < 2; i++) {
            told(post(Gateway.SEARCH, "fragile", chat("[[status 500]]")), 502, SERVER, "upstream_unavailable", null);
            recorded("search", Outcome.FAILED, 502, "upstream_unavailable");
        }
        HttpResponse<String> answer = post(Gateway.SEARCH, "fragile", SAY_OK);
        told(answer, 503, SERVER, "upstream_circuit_open", null);
        assertRetryAfter(answer, 10);
        recorded("search", Outcome.REJECTED, 503, "upstream_circuit_open");
        assertThat(gateway.prometheus())
                .containsPattern(
                        "resilience4j_circuitbreaker_state\\{[^}]*name=\"fragile/deepseek-flash\"[^}]*state=\"open\"[^}]*} 1");
    }

    // Refused or failed upstream

    @Test
    void upstream429() {
        double before = attempts("deepseek", "rate_limited");
        HttpResponse<String> answer = post(Gateway.SEARCH, "deepseek-flash", chat("[[status 429]]"));
        assertThat(told(answer, 429, "requests", "upstream_rate_limited", null))
                .contains("not your tenant's own limit")
                .doesNotContain("concurrency");
        assertThat(answer.headers().firstValueAsLong("retry-after").orElseThrow())
                .isPositive();
        recorded("search", Outcome.REFUSED, 429, "upstream_rate_limited");
        assertThat(attempts("deepseek", "rate_limited")).isEqualTo(before + 1);
    }

    @Test
    void upstream401() {
        double before = attempts("locked", "unauthorized");
        HttpResponse<String> answer = post(Gateway.SEARCH, "locked", SAY_OK);
        assertThat(told(answer, 503, SERVER, "upstream_authentication", null)).contains("operators");
        assertThat(answer.body()).doesNotContain("3750", "****");
        assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
        recorded("search", Outcome.REFUSED, 503, "upstream_authentication");
        assertThat(attempts("locked", "unauthorized")).isEqualTo(before + 1);
    }

    @Test
    void upstream403() {
        raw.answers(http("403 Forbidden", "application/json", "{\"error\":{\"message\":\"****3750\"}}"));
        HttpResponse<String> answer = post(Gateway.SEARCH, "raw", SAY_OK);
        told(answer, 503, SERVER, "upstream_authentication", null);
        assertThat(answer.body()).doesNotContain("3750");
        assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
        recorded("search", Outcome.REFUSED, 503, "upstream_authentication");
    }

    @Test
    void upstream402() {
        double before = attempts("broke", "insufficient_balance");
        HttpResponse<String> answer = post(Gateway.SEARCH, "broke", SAY_OK);
        assertThat(told(answer, 503, SERVER, "upstream_insufficient_balance", null))
                .contains("operators");
        assertThat(answer.headers().firstValue("x-should-retry")).hasValue("false");
        recorded("search", Outcome.REFUSED, 503, "upstream_insufficient_balance");
        assertThat(attempts("broke", "insufficient_balance")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "deepseek-flash, [[status 500]], 502",
        "deepseek-flash, [[status 503]], 503",
        "deepseek-flash, [[reset]], 502",
        "deepseek-flash, [[garbage]], 502",
        "gone, Hi, 503"
    })
    void upstream5xxRefusedOrReset(String model, String text, int status) {
        double before = attempts(model.equals("gone") ? "gone" : "deepseek", "failed");
        told(post(Gateway.SEARCH, model, chat(text)), status, SERVER, "upstream_unavailable", null);
        recorded("search", Outcome.FAILED, status, "upstream_unavailable");
        assertThat(attempts(model.equals("gone") ? "gone" : "deepseek", "failed"))
                .isGreaterThan(before);
    }

    @Test
    void aTimer() {
        double before = attempts("deepseek", "timed_out");
        assertThat(told(
                        post(Gateway.SEARCH, "deepseek-flash", chat("[[stall]]")),
                        504,
                        SERVER,
                        "upstream_timeout",
                        null))
                .contains("300 ms");
        recorded("search", Outcome.TIMED_OUT, 504, "upstream_timeout");
        assertThat(attempts("deepseek", "timed_out")).isEqualTo(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"400 Bad Request", "404 Not Found", "413 Too Large", "422 Unprocessable"})
    void upstream400And404And413And422(String status) {
        int code = Integer.parseInt(status.substring(0, 3));
        String body = "{ \"error\" : {\"message\":\"caf\\u00e9\",\"type\":\"x\",\"param\":\"y\",\"code\":\"z\"}}";
        raw.answers(http(status, "application/json", body));
        HttpResponse<String> answer = post(Gateway.SEARCH, "raw", SAY_OK);
        assertThat(answer.statusCode()).isEqualTo(code);
        assertThat(answer.body()).isEqualTo(body);
        recorded("search", Outcome.REFUSED, code, "upstream_refused");

        raw.answers(http(status, "application/json", "{\"error\":{\"message\":\"Key ****3750 is bad\"}}"));
        assertThat(post(Gateway.SEARCH, "raw", SAY_OK).body())
                .isEqualTo("{\"error\":{\"message\":\"Key [masked] is bad\"}}");
        recorded("search", Outcome.REFUSED, code, "upstream_refused");
    }

    @ParameterizedTest
    @CsvSource({
        "[[reset after 3]], upstream_unavailable, FAILED",
        "[[close after 3]], upstream_unavailable, FAILED",
        "[[garbage after 3]], upstream_unavailable, FAILED"
    })
    void afterTheFirstByteOfAStream(String text, String code, Outcome outcome) {
        HttpResponse<String> answer =
                post(Gateway.SEARCH, "deepseek-flash", "\"stream\":true," + chat("[[tokens 50]] " + text));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).endsWith("\n\n").doesNotContain("[DONE]", "<html>");
        String last = answer.body().substring(answer.body().strip().lastIndexOf("\n\n") + 2);
        assertThat(last).startsWith("data: {\"error\":{");
        assertThat(envelope(last.substring(6), SERVER, code, null)).isNotBlank();
        recorded("search", outcome, 200, code);
    }

    // What operators read

    @Test
    void operatorsReadOnceThatTheKeyOrTheBalanceIsBad() throws Exception {
        String good = http("200 OK", "application/json", "{\"usage\":{\"prompt_tokens\":1}}");
        raw.answers(good);
        repeat(1, "raw");
        try (LogLines log = LogLines.of(Class.forName("io.deepgate.forward.Keyring"))) {
            raw.answers(http("401 Unauthorized", "application/json", "{}"));
            repeat(3, "raw");
            raw.answers(http("402 Payment Required", "application/json", "{}"));
            repeat(3, "raw");
            raw.answers(good);
            repeat(2, "raw");
            assertThat(log.texts())
                    .containsExactly(
                            "ERROR The upstream 'raw' refuses the gateway's key",
                            "ERROR The upstream 'raw' says that the gateway's account is empty",
                            "INFO The upstream 'raw' takes calls again");
        }
    }

    private static void repeat(int times, String model) {
        for (int i = 0; i < times; i++) {
            post(Gateway.SEARCH, model, SAY_OK);
            gateway.record();
        }
    }

    /** The message of an answer that is exactly the envelope, with the given fields. */
    private static String told(
            HttpResponse<String> answer, int status, String type, String code, @Nullable String param) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("x-request-id").orElseThrow()).matches("[0-9a-f-]{36}");
        return envelope(answer.body(), type, code, param);
    }

    private static String envelope(String json, String type, String code, @Nullable String param) {
        JsonNode document = JsonMapper.shared().readTree(json);
        assertThat(document.propertyNames()).containsExactly("error");
        JsonNode error = document.path("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.path("type").asString()).isEqualTo(type);
        assertThat(error.path("code").asString()).isEqualTo(code);
        assertThat(error.path("param").stringValue(null)).isEqualTo(param);
        assertThat(error.path("message").asString()).endsWith(".");
        return error.path("message").asString();
    }

    private static void recorded(String tenant, Outcome outcome, int status, @Nullable String code) {
        CallRecord call = gateway.record();
        assertThat(call.tenant()).isEqualTo(tenant);
        assertThat(call.outcome()).isEqualTo(outcome);
        assertThat(call.status()).isEqualTo(status);
        assertThat(call.errorCode()).isEqualTo(code);
    }

    private static void assertRetryAfter(HttpResponse<String> answer, int most) {
        long seconds = answer.headers().firstValueAsLong("retry-after").orElseThrow();
        long millis = answer.headers().firstValueAsLong("retry-after-ms").orElseThrow();
        assertThat(seconds).isBetween(1L, (long) most);
        assertThat(millis).isBetween((seconds - 1) * 1000 + 1, seconds * 1000);
    }

    private static double attempts(String upstream, String result) {
        return gateway
                .meters()
                .find("gateway.forward.attempts")
                .tag("upstream", upstream)
                .tag("result", result)
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static double rejected(String tenant, String limit) {
        return gateway.meters()
                .get("gateway.admission.rejected")
                .tag("tenant", tenant)
                .tag("limit", limit)
                .counter()
                .count();
    }

    private static String chat(String text) {
        return "\"messages\":[{\"role\":\"user\",\"content\":\"" + text + " " + Overheard.CANARY + "\"}]";
    }

    private static HttpResponse<String> post(ApiKey key, String model, String members) {
        return send(key, "{\"model\":\"" + model + "\"," + members + "}");
    }

    private static HttpResponse<String> send(ApiKey key, String body) {
        return gateway.send(gateway.request("/chat/completions", key)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private static String http(String status, String contentType, String body) {
        return "HTTP/1.1 " + status + "\r\ncontent-type: " + contentType + "\r\ncontent-length: " + body.length()
                + "\r\nconnection: close\r\n\r\n" + body;
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + gateway.port() + path);
    }

    private static ApiKey key(String id) {
        return ApiKey.parse("dg-" + id + "-0123456789abcdefghij0123456789abcdefghij");
    }

    private static String tenant(String id, ApiKey key, String more) {
        String expires = id.equals("old") ? ", expires: 2020-01-01T00:00:00Z" : "";
        return "  - { id: " + id + ", keys: [{ id: " + key.id() + ", sha256: " + key.sha256Hex() + expires + " }], "
                + more + " }\n";
    }
}

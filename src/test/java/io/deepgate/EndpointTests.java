package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.ApiKey;
import io.deepgate.relay.TokenUsage;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every endpoint is served the same way: its callers' keys, limits, breakers, timers, records and errors. */
@ExtendWith(Leaks.class)
class EndpointTests {

    private static final List<String> TENANTS = List.of("search", "five", "one", "spent", "unlucky");
    private static final String FLASH = "deepseek-flash";

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofMillis(50), "sk-sandbox"));
        String limits = "  - { id: %s, limits: { %s }, keys: [{ id: %s, sha256: %s }] }\n";
        gateway = Gateway.with(
                "tenants:\n"
                        + limits.formatted(
                                "search", "", key("search").id(), key("search").sha256Hex())
                        + limits.formatted(
                                "five",
                                "requests-per-minute: 5",
                                key("five").id(),
                                key("five").sha256Hex())
                        + limits.formatted(
                                "one",
                                "concurrent-requests: 1",
                                key("one").id(),
                                key("one").sha256Hex())
                        + limits.formatted(
                                "spent",
                                "tokens-per-minute: 1",
                                key("spent").id(),
                                key("spent").sha256Hex())
                        + limits.formatted(
                                "shown",
                                "requests-per-minute: 7, tokens-per-minute: 90000",
                                key("shown").id(),
                                key("shown").sha256Hex())
                        + limits.formatted(
                                "settled",
                                "tokens-per-minute: 90000",
                                key("settled").id(),
                                key("settled").sha256Hex())
                        + limits.formatted(
                                "unlucky",
                                "",
                                key("unlucky").id(),
                                key("unlucky").sha256Hex()),
                sandbox.baseUrl(),
                "gateway.catalog.unknown-models=reject",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100",
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=1000",
                "resilience4j.circuitbreaker.instances.[fragile/deepseek-flash].minimum-number-of-calls=5",
                "resilience4j.circuitbreaker.instances.[fragile/deepseek-flash].base-config=default",
                "gateway.catalog.upstreams.hasty.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.hasty.api-key=sk-hasty",
                "gateway.catalog.upstreams.hasty.first-content-timeout=200ms",
                "gateway.catalog.upstreams.hasty.idle-timeout=200ms",
                "gateway.catalog.aliases.hasty.slug=deepseek-flash",
                "gateway.catalog.aliases.hasty.upstream=hasty",
                "gateway.catalog.upstreams.fragile.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.fragile.api-key=sk-fragile",
                "gateway.catalog.aliases.fragile.slug=deepseek-flash",
                "gateway.catalog.aliases.fragile.upstream=fragile");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
        AtRest.within(Duration.ofSeconds(2), () -> sandbox.openConnections() == 0);
    }

    // Served

    static Stream<Arguments> paths() {
        return Arrays.stream(Asked.values())
                .flatMap(asked -> asked.paths().stream()
                        .flatMap(path -> Stream.of(true, false).map(stream -> Arguments.of(asked, path, stream))));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void answersAndRecordsWhatTheUpstreamReports(Asked asked, String path, boolean stream) {
        HttpResponse<String> answer = post("search", path, asked.body(FLASH, "Hi " + path, stream));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type").orElseThrow())
                .startsWith(stream ? "text/event-stream" : "application/json");
        if (stream) {
            String body = answer.body();
            assertThat(body).endsWith("\n\n");
            assertThat(body.substring(body.strip().lastIndexOf("\n\n") + 2)).startsWith(asked.lastEvent());
            assertThat(body.contains("[DONE]")).isEqualTo(asked.lastEvent().contains("[DONE]"));
        }
        CallRecord call = gateway.record();
        TokenUsage reported = asked.reported(answer.body(), stream);
        assertThat(reported.output()).isPositive();
        assertThat(call.tokens()).isEqualTo(reported);
        assertThat(call.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.errorCode()).isNull();
        assertThat(call.operation()).isEqualTo(asked.operation());
        assertThat(call.tenant()).isEqualTo("search");
        assertThat(call.alias()).isEqualTo(FLASH);
        assertThat(call.slug()).isEqualTo(FLASH);
        assertThat(call.upstream()).isEqualTo("deepseek");
        assertThat(call.responseModel()).isEqualTo(FLASH);
        assertThat(call.stream()).isEqualTo(stream);
        assertThat(call.timeToFirstToken() != null).isEqualTo(stream);
        assertThat(answer.headers().firstValue("x-request-id")).hasValue(call.requestId());
        assertThat(answer.headers().firstValue("request-id").isPresent()).isEqualTo(asked.anthropic());
    }

    static Stream<Arguments> endpoints() {
        return Arrays.stream(Asked.values())
                .flatMap(asked -> Stream.of(true, false).map(stream -> Arguments.of(asked, stream)));
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void recordsWhatCameFromTheCache(Asked asked, boolean stream) {
        String prompt = UUID.randomUUID() + " What is said twice is cheaper.".repeat(50);
        String body = asked.body(FLASH, prompt, stream);
        post("search", asked.path(), body);
        assertThat(gateway.record().tokens().inputCached()).isZero();

        HttpResponse<String> again = post("search", asked.path(), body);
        TokenUsage tokens = gateway.record().tokens();
        assertThat(tokens.inputCached()).isGreaterThan(300);
        assertThat(tokens).isEqualTo(asked.reported(again.body(), stream));
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void estimatesWhatTheUpstreamDoesNotReport(Asked asked, boolean stream) {
        HttpResponse<String> answer = post(
                "search",
                asked.path(),
                asked.body(
                        FLASH,
                        "[[no usage]] [[say This is what usage looks like: {'usage':{'prompt_tokens':9999}}]]",
                        stream));
        assertThat(answer.body()).doesNotContain("_tokens\":");
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().output()).isBetween(10L, 200L);
        assertThat(call.tokens().inputUncached()).isBetween(10L, 200L);
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void countsTokensInMeters(Asked asked, boolean stream) {
        double before = tokensMetered();
        post("search", asked.path(), asked.body(FLASH, "Hi", stream));
        long used = gateway.record().tokens().total();
        assertThat(used).isPositive();
        assertThat(tokensMetered() - before).isEqualTo(used);
    }

    @Test
    void tellsAResponseThatFailedFromOneThatIsIncomplete() {
        for (boolean stream : List.of(true, false)) {
            post("search", "/v1/responses", Asked.RESPONSES.body(FLASH, "[[finish length]]", stream));
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);

            HttpResponse<String> failed =
                    post("search", "/v1/responses", Asked.RESPONSES.body(FLASH, "[[finish aborted]]", stream));
            CallRecord call = gateway.record();
            assertThat(call.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(call.tokens()).isEqualTo(Asked.RESPONSES.reported(failed.body(), stream));
        }
    }

    @Test
    void takesAnthropicsKeyHeaderAndTheBearer() {
        String body = Asked.MESSAGES.body(FLASH, "[[say ok]]", false);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(Asked.MESSAGES.path())).POST(BodyPublishers.ofString(body));
        assertThat(gateway.send(request.copy()
                                .header("x-api-key", key("search").value())
                                .header("anthropic-version", "2023-06-01")
                                .build())
                        .statusCode())
                .isEqualTo(200);
        assertThat(gateway.record().keyId()).isEqualTo(key("search").id());
        assertThat(sandbox.lastRequestHeaders())
                .containsEntry("authorization", "Bearer " + Gateway.UPSTREAM_KEY)
                .containsEntry("anthropic-version", "2023-06-01")
                .doesNotContainKey("x-api-key");
        assertThat(gateway.send(request.copy()
                                .header(
                                        "authorization",
                                        "Bearer " + key("search").value())
                                .build())
                        .statusCode())
                .isEqualTo(200);
        gateway.record();
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void tellsTheUpstreamThatTheBodyIsJsonWhereTheCallerDoesNot(Asked asked) {
        HttpResponse<String> answer = gateway.send(HttpRequest.newBuilder(uri(asked.path()))
                .header("authorization", "Bearer " + key("search").value())
                .POST(BodyPublishers.ofString(asked.body(FLASH, "[[say ok]]", false)))
                .build());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(sandbox.lastRequestHeaders().get("content-type")).isEqualTo("application/json");
        gateway.record();
    }

    // Refused

    @ParameterizedTest
    @EnumSource(Asked.class)
    void refusesAKeyThatIsNotGood(Asked asked) {
        for (String path : asked.paths()) {
            HttpResponse<String> answer = gateway.send(HttpRequest.newBuilder(uri(path))
                    .header("authorization", "Bearer dg-nobody-0123456789")
                    .POST(BodyPublishers.ofString(asked.body(FLASH, "Hi", true)))
                    .build());
            assertError(asked, answer, 401, "invalid_request_error", "authentication_error", "invalid_api_key");
        }
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void refusesAModelThatDoesNotExist(Asked asked, boolean stream) {
        HttpResponse<String> answer = post("search", asked.path(), asked.body("gpt-9", "Hi", stream));
        assertError(asked, answer, 404, "invalid_request_error", "not_found_error", "model_not_found");
        assertRecord(Outcome.REJECTED, 404, "model_not_found");
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void refusesWhatItCannotRead(Asked asked) {
        HttpResponse<String> answer = post("search", asked.path(), "{\"model\":");
        assertError(asked, answer, 400, "invalid_request_error", "invalid_request_error", "invalid_json");
        assertRecord(Outcome.REJECTED, 400, "invalid_json");
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void passesTheUpstreamsOwnRefusal(Asked asked, boolean stream) {
        HttpResponse<String> answer = post("search", asked.path(), asked.body(FLASH, "[[status 400]]", stream));
        assertError(asked, answer, 400, "invalid_request_error", "invalid_request_error", "invalid_request_error");
        assertThat(error(answer).path("message").asString()).isEqualTo("Content Exists Risk");
        assertRecord(Outcome.REFUSED, 400, "upstream_refused");
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void mapsTheUpstreamsOwnTroubles(Asked asked, boolean stream) {
        HttpResponse<String> limited = post("search", asked.path(), asked.body(FLASH, "[[status 429]]", stream));
        assertError(asked, limited, 429, "requests", "rate_limit_error", "upstream_rate_limited");
        assertRecord(Outcome.REFUSED, 429, "upstream_rate_limited");

        HttpResponse<String> busy = post("search", asked.path(), asked.body(FLASH, "[[status 503]]", stream));
        assertError(asked, busy, 503, "server_error", "overloaded_error", "upstream_unavailable");
        assertRecord(Outcome.FAILED, 503, "upstream_unavailable");

        HttpResponse<String> broke = post("search", asked.path(), asked.body(FLASH, "[[status 402]]", stream));
        assertError(asked, broke, 503, "server_error", "overloaded_error", "upstream_insufficient_balance");
        assertRecord(Outcome.REFUSED, 503, "upstream_insufficient_balance");
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void endsABrokenStreamWithAnErrorEvent(Asked asked) {
        HttpResponse<String> answer =
                post("search", asked.path(), asked.body(FLASH, "[[tokens 50]] [[reset after 10]]", true));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertErrorEvent(asked, answer.body(), "api_error", "upstream_unavailable");
        CallRecord call = assertRecord(Outcome.FAILED, 200, "upstream_unavailable");
        assertThat(call.tokens().output()).isPositive();
    }

    // Cut

    @ParameterizedTest
    @MethodSource("endpoints")
    void timesOutWhereNoContentComes(Asked asked, boolean stream) {
        HttpResponse<String> answer = post("search", asked.path(), asked.body("hasty", "[[stall]]", stream));
        assertError(asked, answer, 504, "server_error", "timeout_error", "upstream_timeout");
        assertRecord(Outcome.TIMED_OUT, 504, "upstream_timeout");
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void takesNoSignOfLifeForContent(Asked asked) {
        HttpResponse<String> answer = post("search", asked.path(), asked.body("hasty", "[[keep-alive forever]]", true));
        assertThat(answer.body()).contains(asked.anthropic() ? "event: ping" : ": keep-alive");
        assertErrorEvent(asked, answer.body(), "timeout_error", "upstream_timeout");
        assertRecord(Outcome.TIMED_OUT, 200, "upstream_timeout");
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void timesOutWhereContentStops(Asked asked) {
        HttpResponse<String> answer =
                post("search", asked.path(), asked.body("hasty", "[[tokens 50]] [[stall after 10]]", true));
        assertErrorEvent(asked, answer.body(), "timeout_error", "upstream_timeout");
        assertThat(assertRecord(Outcome.TIMED_OUT, 200, "upstream_timeout")
                        .tokens()
                        .output())
                .isPositive();
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void cancelsTheUpstreamWhenTheClientLeaves(Asked asked) throws IOException {
        long aborted = sandbox.aborted();
        try (RawClient client = new RawClient(gateway)) {
            String body = asked.body(FLASH, "[[tokens 100000]] [[rate 500]]", true);
            client.send("POST " + asked.path() + " HTTP/1.1\r\nhost: gateway\r\nx-api-key: "
                    + key("search").value() + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
            client.readUntil(asked == Asked.COMPLETIONS ? "This" : "We a");
        }
        CallRecord call = assertRecord(Outcome.CANCELLED, 499, null);
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().output()).isPositive();
        AtRest.within(Duration.ofSeconds(2), () -> sandbox.aborted() == aborted + 1);
    }

    // Limited

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/models, 200",
        "GET, /v1/models/deepseek-flash, 200",
        "GET, /v1/models/none, 404",
        "GET, /v1/usage, 200",
        "GET, /v1/usage?by=colour, 400",
        "GET, /v1/chat/completions, 405",
        "POST, /v1/embeddings, 404",
        "POST, /v1/chat/completions, 400"
    })
    void showsLimitsInAnswersThatSpendNoneToo(String method, String path, int status) {
        HttpResponse<String> answer =
                gateway.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
                        .header("authorization", "Bearer " + key("shown").value())
                        .method(method, method.equals("GET") ? BodyPublishers.noBody() : BodyPublishers.ofString("["))
                        .build());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("x-ratelimit-limit-requests")).hasValue("7");
        assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests"))
                .hasValue("7");
        assertThat(answer.headers().firstValue("x-ratelimit-reset-requests")).hasValue("0ms");
        assertThat(answer.headers().firstValue("x-ratelimit-limit-tokens")).hasValue("90000");
        if (path.endsWith("completions") && status == 400) {
            gateway.record();
        }
    }

    @Test
    void showsWhatTheLastCallUsedInsteadOfWhatItClaimed() {
        HttpResponse<String> call =
                post("settled", "/v1/chat/completions", Asked.CHAT.body(FLASH, "[[tokens 40]]", false));
        assertThat(call.statusCode()).as(call.body()).isEqualTo(200);
        assertThat(call.headers()
                        .firstValueAsLong("x-ratelimit-remaining-tokens")
                        .orElseThrow())
                .as("claimed")
                .isLessThan(90_000 - 2000);
        long used = gateway.record().tokens().total();

        AtRest.within(Duration.ofSeconds(5), () -> AtRest.inFlight(gateway, "settled") == 0);
        HttpResponse<String> next =
                gateway.send(gateway.request("/models", key("settled")).build());

        // A second fills 1500.
        assertThat(next.headers()
                        .firstValueAsLong("x-ratelimit-remaining-tokens")
                        .orElseThrow())
                .isBetween(90_000 - used, 90_000L);
    }

    @Test
    void countsRequestsOfAllEndpointsTogether() {
        for (Asked asked : Asked.values()) {
            HttpResponse<String> answer = post("five", asked.path(), asked.body(FLASH, "[[say ok]]", true));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("x-ratelimit-limit-requests"))
                    .hasValue("5");
            assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests"))
                    .hasValue(Integer.toString(4 - asked.ordinal()));
            gateway.record();
        }
        for (Asked asked : Asked.values()) {
            HttpResponse<String> answer = post("five", asked.path(), asked.body(FLASH, "[[say ok]]", true));
            assertError(asked, answer, 429, "requests", "rate_limit_error", "rate_limit_exceeded");
            assertThat(answer.headers().firstValueAsLong("retry-after").orElseThrow())
                    .isBetween(1L, 12L);
            assertThat(answer.headers().firstValue("x-ratelimit-remaining-requests"))
                    .hasValue("0");
            assertRecord(Outcome.REJECTED, 429, "rate_limit_exceeded");
        }
    }

    @Test
    void countsTokensOfAllEndpointsTogether() {
        post("spent", "/anthropic/v1/messages", Asked.MESSAGES.body(FLASH, "Hi", false));
        assertThat(gateway.record().tokens().total()).isGreaterThan(10);
        for (Asked asked : Asked.values()) {
            HttpResponse<String> answer = post("spent", asked.path(), asked.body(FLASH, "Hi", false));
            assertError(asked, answer, 429, "tokens", "rate_limit_error", "rate_limit_exceeded");
            assertRecord(Outcome.REJECTED, 429, "rate_limit_exceeded");
        }
    }

    @ParameterizedTest
    @EnumSource(Asked.class)
    void countsCallsInFlightOfAllEndpointsTogether(Asked held) throws IOException {
        try (RawClient client = new RawClient(gateway)) {
            String body = held.body(FLASH, "[[stall]]", true);
            client.send("POST " + held.path() + " HTTP/1.1\r\nhost: gateway\r\nx-api-key: "
                    + key("one").value() + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
            AtRest.within(Duration.ofSeconds(2), () -> sandbox.openConnections() == 1);
            for (Asked asked : Asked.values()) {
                HttpResponse<String> answer = post("one", asked.path(), asked.body(FLASH, "Hi", true));
                assertError(asked, answer, 429, "concurrency", "rate_limit_error", "rate_limit_exceeded");
                assertRecord(Outcome.REJECTED, 429, "rate_limit_exceeded");
            }
        }
        assertRecord(Outcome.CANCELLED, 499, null);
    }

    @Test
    void opensOneBreakerForAllEndpoints() {
        for (Asked asked : Asked.values()) {
            post("unlucky", asked.path(), asked.body("fragile", "[[status 503]]", false));
            assertRecord(Outcome.FAILED, 503, "upstream_unavailable");
        }
        long calls = sandbox.requests();
        for (Asked asked : Asked.values()) {
            HttpResponse<String> answer = post("search", asked.path(), asked.body("fragile", "Hi", true));
            assertError(asked, answer, 503, "server_error", "overloaded_error", "upstream_circuit_open");
            assertThat(answer.headers().firstValueAsLong("retry-after").orElseThrow())
                    .isBetween(1L, 10L);
            assertRecord(Outcome.REJECTED, 503, "upstream_circuit_open");
        }
        assertThat(sandbox.requests()).isEqualTo(calls);
    }

    // Not served

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/files",
        "GET, /v1/files",
        "GET, /files/file-1/content",
        "DELETE, /v1/files/file-1",
        "POST, /v1/embeddings",
        "POST, /v1/moderations",
        "POST, /v1/batches",
        "POST, /v1/images/generations",
        "POST, /v1/audio/speech",
        "POST, /v1/assistants",
        "POST, /v1/fine_tuning/jobs",
        "GET, /v1/responses/resp_1",
        "GET, /user/balance",
        "POST, /anthropic/v1/files",
        "POST, /anthropic/v1/messages/count_tokens",
        "POST, /beta/responses"
    })
    void saysWhatIsServedWhereNothingIs(String method, String path) {
        HttpResponse<String> answer = gateway.send(HttpRequest.newBuilder(uri(path))
                .header("x-api-key", key("search").value())
                .method(method, BodyPublishers.ofString("["))
                .build());
        boolean anthropic = path.startsWith("/anthropic/");
        assertError(
                anthropic ? Asked.MESSAGES : Asked.CHAT,
                answer,
                404,
                "invalid_request_error",
                "not_found_error",
                "not_found");
        assertThat(error(answer).path("message").asString())
                .contains(
                        method + " " + path,
                        "/v1/chat/completions",
                        "/v1/completions",
                        "/v1/responses",
                        "/beta/chat/completions",
                        "/anthropic/v1/messages",
                        "/v1/models");
    }

    @Test
    void listsModelsWithAndWithoutV1() {
        for (String path : List.of("/v1/models", "/models")) {
            HttpResponse<String> answer = gateway.send(HttpRequest.newBuilder(uri(path))
                    .header("authorization", "Bearer " + key("search").value())
                    .build());
            assertThat(JsonMapper.shared()
                            .readTree(answer.body())
                            .path("data")
                            .valueStream()
                            .map(model -> model.path("id").asString()))
                    .contains(FLASH, "deepseek-v4-pro", "deepseek-chat", "deepseek-reasoner");
            assertThat(gateway.send(HttpRequest.newBuilder(uri(path + "/deepseek-chat"))
                                    .header(
                                            "authorization",
                                            "Bearer " + key("search").value())
                                    .build())
                            .body())
                    .contains("\"id\":\"deepseek-chat\"", "\"object\":\"model\"", "\"created\":");
        }
    }

    /** Exactly the envelope of the endpoint, with the status, one of the types, and the code. */
    private static void assertError(
            Asked asked, HttpResponse<String> answer, int status, String type, String anthropicType, String code) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("x-request-id")).isPresent();
        JsonNode document = JsonMapper.shared().readTree(answer.body());
        assertEnvelope(asked, document, anthropicType, code);
        if (!asked.anthropic()) {
            assertThat(document.at("/error/type").asString()).isEqualTo(type);
        }
    }

    private static void assertErrorEvent(Asked asked, String stream, String anthropicType, String code) {
        assertThat(stream).endsWith("\n\n").doesNotContain("[DONE]", "event: message_stop", "response.completed\"");
        String last = stream.substring(stream.strip().lastIndexOf("\n\n") + 2);
        boolean named = asked == Asked.MESSAGES || asked == Asked.RESPONSES;
        assertThat(last).startsWith(named ? "event: error\ndata: {" : "data: {");
        assertEnvelope(asked, Asked.events(last).findFirst().orElseThrow(), anthropicType, code);
    }

    private static void assertEnvelope(Asked asked, JsonNode document, String anthropicType, String code) {
        JsonNode error = document.path("error");
        assertThat(error.path("message").asString()).isNotBlank();
        if (asked.anthropic()) {
            assertThat(document.path("type").asString()).isEqualTo("error");
            assertThat(error.path("type").asString()).isEqualTo(anthropicType);
        } else {
            assertThat(document.propertyNames()).containsExactly("error");
            assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
            assertThat(error.path("code").asString()).isEqualTo(code);
        }
    }

    private static CallRecord assertRecord(Outcome outcome, int status, String code) {
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(outcome);
        assertThat(call.status()).isEqualTo(status);
        assertThat(call.errorCode()).isEqualTo(code);
        return call;
    }

    private static JsonNode error(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body()).path("error");
    }

    private static double tokensMetered() {
        return gateway.meters().find("gateway.usage.tokens").tag("tenant", "search").counters().stream()
                .collect(Collectors.summingDouble(counter -> counter.count()));
    }

    private static HttpResponse<String> post(String tenant, String path, String body) {
        return gateway.send(HttpRequest.newBuilder(uri(path))
                .header("authorization", "Bearer " + key(tenant).value())
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + gateway.port() + path);
    }

    private static ApiKey key(String tenant) {
        return ApiKey.parse("dg-" + tenant + TENANTS.indexOf(tenant) + "-0123456789abcdefghij0123456789abcdefghij");
    }
}

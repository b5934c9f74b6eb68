package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.Overheard;
import io.deepgate.RawClient;
import io.deepgate.relay.TokenUsage;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every call ends in exactly one record, and gives back what it held. The tenant may have one call open and claims a third
 * of its tokens with each, so whatever stays behind stops the next.
 */
@ExtendWith(Leaks.class)
@Timeout(30)
class OutcomeTests {

    private static final int CLAIM = 20_000;

    private static Sandbox sandbox;
    private static Gateway gateway;

    private long requests;
    private long aborted;
    private long tokens;
    private CallRecord call;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofMillis(20), "sk-sandbox"));
        String hasty = "gateway.catalog.upstreams.hasty.";
        gateway = Gateway.with(
                """
                tenants:
                  - id: search
                    keys: [{ id: %s, sha256: %s }]
                    models: [deepseek-flash, hasty]
                    limits: { requests-per-minute: 1000, tokens-per-minute: %d, concurrent-requests: 1 }
                  - id: mail
                    keys: [{ id: %s, sha256: %s }]
                    limits: { tokens-per-minute: %d }
                """.formatted(
                                Gateway.SEARCH.id(),
                                Gateway.SEARCH.sha256Hex(),
                                3 * CLAIM,
                                Gateway.MAIL.id(),
                                Gateway.MAIL.sha256Hex(),
                                3 * CLAIM),
                sandbox.baseUrl(),
                "gateway.admission.completion-claim=" + CLAIM,
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100000",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100000",
                hasty + "base-url=" + sandbox.baseUrl(),
                hasty + "api-key=" + Gateway.UPSTREAM_KEY,
                hasty + "first-content-timeout=200ms",
                hasty + "idle-timeout=200ms",
                "gateway.catalog.aliases.hasty.slug=deepseek-flash",
                "gateway.catalog.aliases.hasty.upstream=hasty");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @BeforeEach
    void remember() {
        requests = sandbox.requests();
        aborted = sandbox.aborted();
        tokens = AtRest.claimableTokens(gateway, "search");
        call = null;
    }

    @AfterEach
    void givesBackWhatItHeld() {
        AtRest.assertThatHolds(gateway);
        AtRest.within(Duration.ofSeconds(1), () -> sandbox.openConnections() == 0);
        if (call != null) {
            assertThat(AtRest.claimableTokens(gateway, "search"))
                    .as("tokens that can be claimed")
                    .isGreaterThanOrEqualTo(
                            Math.min(tokens, 3 * CLAIM) - call.tokens().total() - 1);
        }
    }

    // COMPLETED

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void completesWithTheUsageThatIsReported(boolean stream) {
        HttpResponse<String> answer = chat("[[tokens 5]] Hi", stream);
        assertThat(answer.statusCode()).isEqualTo(200);
        ended(Outcome.COMPLETED, 200, null);
        assertThat(call.tokens().estimated()).isFalse();
        assertThat(answer.body())
                .contains("\"prompt_tokens\":"
                        + (call.tokens().inputCached() + call.tokens().inputUncached()))
                .contains("\"completion_tokens\":" + call.tokens().output())
                .contains("\"reasoning_tokens\":" + call.tokens().reasoning());
        assertThat(call.responseModel()).isEqualTo("deepseek-flash");
        assertThat(call.stream()).isEqualTo(stream);
        assertThat(call.timeToFirstToken() != null).isEqualTo(stream);
        assertThat(sandbox.requests()).isEqualTo(requests + 1);
        assertThat(sandbox.aborted()).isEqualTo(aborted);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void completesWithAnEstimateWhenNothingIsReported(boolean stream) {
        chat("[[no usage]] [[say %s]]".formatted("a".repeat(100)), stream);
        ended(Outcome.COMPLETED, 200, null);
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().output()).isGreaterThanOrEqualTo(30);
        assertThat(call.tokens().inputUncached()).isPositive();
    }

    // CANCELLED

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void cancelsWhenTheClientLeavesBeforeTheHeaders(boolean stream, boolean politely) throws IOException {
        RawClient client = open("[[stall]]", stream);
        upstreamIsCalled();
        leave(client, politely);
        ended(Outcome.CANCELLED, 499, null);
        upstreamIsLeft();
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().inputUncached()).isPositive();
        assertThat(call.tokens().output()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void cancelsWhenTheClientLeavesBetweenHeadersAndContent(boolean stream, boolean politely) throws IOException {
        RawClient client = open("[[keep-alive forever]]", stream);
        client.readUntil(stream ? ": keep-alive\n\n" : "\n\n\r\n");
        upstreamIsCalled();
        leave(client, politely);
        ended(Outcome.CANCELLED, 499, null);
        upstreamIsLeft();
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().output()).isZero();
        assertThat(call.timeToFirstToken()).isNull();
    }

    @Test
    void cancelsWhenTheClientLeavesBetweenTheUpstreamsHeadersAndItsBody() throws IOException {
        RawClient client = open("[[delay 30s]] [[rate 1]]", true);
        upstreamIsCalled();
        leave(client, true);
        ended(Outcome.CANCELLED, 499, null);
        upstreamIsLeft();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancelsWhenTheClientLeavesInTheStream(boolean politely) throws IOException {
        RawClient client = open("[[rate 100]] [[tokens 5000]]", true);
        for (int i = 0; i < 5; i++) {
            client.readUntil("\n\n");
        }
        leave(client, politely);
        ended(Outcome.CANCELLED, 499, null);
        upstreamIsLeft();
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().inputUncached()).isPositive();
        assertThat(call.tokens().output()).isBetween(1L, 200L);
        assertThat(call.timeToFirstToken()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cancelsWhenTheClientLeavesInTheDocument(boolean politely) throws IOException {
        RawClient client = open("[[stall after 1]]", false);
        client.readUntil("{");
        leave(client, politely);
        ended(Outcome.CANCELLED, 499, null);
        upstreamIsLeft();
        assertThat(call.tokens().estimated()).isTrue();
    }

    @Test
    void completesForAClientThatLeavesOnceItHasAll() throws IOException {
        RawClient client = open("[[never ends]] [[tokens 5]]", true);
        client.readUntil("[DONE]\n\n");
        leave(client, false);
        ended(Outcome.COMPLETED, 200, null);
        assertThat(call.tokens().estimated()).isFalse();
        assertThat(call.tokens().output()).isPositive();
    }

    // REJECTED

    @Test
    void rejectsASecondCallWhileOneIsOpen() throws IOException {
        RawClient first = open("[[stall]]", true);
        upstreamIsCalled();
        HttpResponse<String> second = chat("Hi", true);
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(second.body()).contains("\"type\":\"concurrency\"", "\"code\":\"rate_limit_exceeded\"");
        ended(Outcome.REJECTED, 429, "rate_limit_exceeded");
        assertThat(call.tokens()).isEqualTo(TokenUsage.NONE);
        assertThat(AtRest.inFlight(gateway, "search")).isEqualTo(1);
        leave(first, true);
        ended(Outcome.CANCELLED, 499, null);
        assertThat(sandbox.requests()).isEqualTo(requests + 1);
    }

    @Test
    void rejectsAModelThatIsNotTheTenants() {
        HttpResponse<String> other = send("{\"model\":\"deepseek-v4-pro\"}");
        ended(Outcome.REJECTED, 404, "model_not_found");
        HttpResponse<String> unknown = send("{\"model\":\"deepseek-v9-pro\"}");
        ended(Outcome.REJECTED, 404, "model_not_found");
        assertThat(other.body().replace("v4", "v9"))
                .as("what exists and what does not looks the same")
                .isEqualTo(unknown.body());
        assertThat(sandbox.requests()).isEqualTo(requests);
    }

    @Test
    void rejectsAClaimBeyondWhatIsLeftAndTakesNothing() throws IOException {
        RawClient first = new RawClient(gateway).chat(Gateway.MAIL, body("deepseek-flash", "[[stall]]", true));
        upstreamIsCalled();
        long before = AtRest.claimableTokens(gateway, "mail");
        assertThat(before).isLessThan(2 * CLAIM + 2000);
        HttpResponse<String> answer = gateway.send(gateway.request("/chat/completions", Gateway.MAIL)
                .POST(BodyPublishers.ofString(body("deepseek-flash", "word ".repeat(10 * CLAIM), true)))
                .build());
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).contains("\"type\":\"tokens\"", "\"code\":\"rate_limit_exceeded\"");
        assertThat(answer.headers().firstValue("retry-after")).isPresent();
        assertThat(answer.headers().firstValue("retry-after-ms")).isPresent();
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(AtRest.claimableTokens(gateway, "mail")).isGreaterThanOrEqualTo(before);
        assertThat(AtRest.inFlight(gateway, "mail")).isEqualTo(1);
        leave(first, true);
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(sandbox.requests()).isEqualTo(requests + 1);
        assertThat(AtRest.claimableTokens(gateway, "mail")).isGreaterThan(3 * CLAIM - 1000);
    }

    // REFUSED

    @ParameterizedTest
    @CsvSource({
        "400, 400, upstream_refused",
        "401, 503, upstream_authentication",
        "402, 503, upstream_insufficient_balance",
        "422, 422, upstream_refused",
        "429, 429, upstream_rate_limited"
    })
    void recordsARefusalWithoutTokens(int status, int told, String code) {
        assertThat(chat("[[status " + status + "]]", true).statusCode()).isEqualTo(told);
        ended(Outcome.REFUSED, told, code);
        assertThat(call.tokens()).isEqualTo(TokenUsage.NONE);
    }

    // FAILED

    @ParameterizedTest
    @CsvSource({
        "[[status 500]], 502",
        "[[status 503]], 503",
        "[[reset]], 502",
        "[[garbage]], 502",
        "[[close after 0]], 502"
    })
    void recordsAFailureBeforeContentWithoutTokens(String fault, int told) {
        for (boolean stream : new boolean[] {true, false}) {
            assertThat(chat(fault, stream).statusCode()).isEqualTo(told);
            ended(Outcome.FAILED, told, "upstream_unavailable");
            assertThat(call.tokens()).isEqualTo(TokenUsage.NONE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[[close after 5]]", "[[garbage after 5]]", "[[reset after 5]] [[rate 50]]"})
    void recordsAFailureInTheStreamWithAnEstimate(String fault) {
        assertThat(chat(fault, true).body())
                .contains("\"code\":\"upstream_unavailable\"")
                .doesNotContain("[DONE]");
        ended(Outcome.FAILED, 200, "upstream_unavailable");
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().output()).isPositive();
    }

    @Test
    void recordsAFailureInTheDocument() {
        for (int i = 0; i < 5; i++) {
            try {
                // Cut, or told before anything was passed.
                assertThat(chat("[[close after 1]]", false).statusCode()).isEqualTo(502);
            } catch (UncheckedIOException cut) {
                assertThat(cut).hasRootCauseInstanceOf(IOException.class);
            }
            call = gateway.record();
            assertThat(call.outcome()).isEqualTo(Outcome.FAILED);
        }
    }

    // TIMED_OUT

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void recordsATimeoutBeforeContentWithoutTokens(boolean stream) {
        assertThat(send(body("hasty", "[[stall]]", stream)).statusCode()).isEqualTo(504);
        ended(Outcome.TIMED_OUT, 504, "upstream_timeout");
        upstreamIsLeft();
        assertThat(call.tokens()).isEqualTo(TokenUsage.NONE);
    }

    @Test
    void recordsATimeoutInTheStreamWithAnEstimate() {
        assertThat(send(body("hasty", "[[stall after 5]]", true)).body())
                .contains("\"code\":\"upstream_timeout\"")
                .doesNotContain("[DONE]");
        ended(Outcome.TIMED_OUT, 200, "upstream_timeout");
        upstreamIsLeft();
        assertThat(call.tokens().estimated()).isTrue();
        assertThat(call.tokens().output()).isPositive();
    }

    private void ended(Outcome outcome, int status, String errorCode) {
        call = gateway.record();
        assertThat(call.outcome()).isEqualTo(outcome);
        assertThat(call.status()).isEqualTo(status);
        assertThat(call.errorCode()).isEqualTo(errorCode);
        assertThat(call.tenant()).isEqualTo("search");
        assertThat(call.overhead()).isGreaterThanOrEqualTo(Duration.ZERO).isLessThanOrEqualTo(call.duration());
    }

    private void upstreamIsCalled() {
        AtRest.within(Duration.ofSeconds(5), () -> sandbox.openConnections() == 1);
    }

    private void upstreamIsLeft() {
        AtRest.within(Duration.ofSeconds(1), () -> sandbox.openConnections() == 0);
        assertThat(sandbox.aborted()).isEqualTo(aborted + 1);
    }

    private static void leave(RawClient client, boolean politely) throws IOException {
        if (politely) {
            client.close();
        } else {
            client.reset();
        }
    }

    private static RawClient open(String message, boolean stream) throws IOException {
        return new RawClient(gateway).chat(Gateway.SEARCH, body("deepseek-flash", message, stream));
    }

    private static HttpResponse<String> chat(String message, boolean stream) {
        return send(body("deepseek-flash", message, stream));
    }

    private static String body(String model, String message, boolean stream) {
        return "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s %s\"}]}"
                .formatted(model, stream, message, Overheard.CANARY);
    }

    private static HttpResponse<String> send(String body) {
        return gateway.send(gateway.request("/chat/completions", Gateway.SEARCH)
                .POST(BodyPublishers.ofString(body))
                .build());
    }
}

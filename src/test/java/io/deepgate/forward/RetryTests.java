package io.deepgate.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawClient;
import io.deepgate.RawUpstream;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A call that fails before its content is made again, twice at most, and its client does not notice. */
@ExtendWith(Leaks.class)
@Timeout(30)
class RetryTests {

    private static RawUpstream upstream;
    private static Gateway gateway;
    private static Gateway careful;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start();
        gateway = gateway(
                "gateway.forward.retries.backoff=10ms",
                "gateway.forward.retries.least-per-minute=100000",
                "gateway.catalog.upstreams.hasty.base-url=" + upstream.baseUrl(),
                "gateway.catalog.upstreams.hasty.api-key=" + Gateway.UPSTREAM_KEY,
                "gateway.catalog.upstreams.hasty.first-content-timeout=300ms",
                "gateway.catalog.upstreams.hasty.total-timeout=500ms",
                "gateway.catalog.aliases.counted.slug=counted",
                "gateway.catalog.aliases.hasty.slug=hasty",
                "gateway.catalog.aliases.hasty.upstream=hasty");
        careful = gateway(
                "gateway.forward.retries.backoff=500ms",
                "gateway.catalog.upstreams.outage.base-url=" + upstream.baseUrl(),
                "gateway.catalog.upstreams.outage.api-key=" + Gateway.UPSTREAM_KEY,
                "gateway.catalog.aliases.outage.slug=outage",
                "gateway.catalog.aliases.outage.upstream=outage");
    }

    private static Gateway gateway(String... more) {
        List<String> properties = new ArrayList<>(List.of(more));
        properties.add("gateway.forward.retries.most=2");
        properties.add("resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=100000");
        properties.add("resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100000");
        properties.add("resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100000");
        return Gateway.inFrontOf(upstream.baseUrl(), properties.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        careful.close();
        upstream.close();
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
        AtRest.within(Duration.ofSeconds(2), () -> inUse(gateway) == 0 && upstream.openConnections() == 0);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "RESET",
                "CLOSE",
                "STATUS_500",
                "STATUS_502",
                "STATUS_503",
                "STATUS_504",
                "STATUS_429_NOW",
                "BLANKS_THEN_RESET"
            })
    void makesACallForADocumentAgain(Said failure) {
        Said.byTurns(upstream, failure, Said.DOCUMENT);
        HttpResponse<String> answer = chat("deepseek-flash", false);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().strip()).isEqualTo(Said.BODY);
        ended(Outcome.COMPLETED, 2);
    }

    @ParameterizedTest
    @EnumSource(names = {"RESET", "STATUS_503", "STATUS_429_NOW", "COMMENTS_THEN_RESET"})
    void makesACallForAStreamAgain(Said failure) {
        Said.byTurns(upstream, failure, failure, Said.STREAM);
        HttpResponse<String> answer = chat("deepseek-flash", true);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().replace(Said.COMMENT, "")).isEqualTo(Said.EVENTS);
        ended(Outcome.COMPLETED, 3);
    }

    @ParameterizedTest
    @CsvSource({
        "STATUS_400, 400, REFUSED",
        "STATUS_401, 503, REFUSED",
        "STATUS_402, 503, REFUSED",
        "STATUS_404, 404, REFUSED",
        "STATUS_422, 422, REFUSED",
        "STATUS_429, 429, REFUSED",
        "STATUS_429_LATE, 429, REFUSED",
        "STATUS_501, 502, FAILED",
        "HTML, 502, FAILED",
        "GARBAGE, 502, FAILED",
    })
    void makesNoCallAgainThatWouldFailAgain(Said failure, int status, Outcome outcome) {
        Said.byTurns(upstream, failure, Said.DOCUMENT);

        assertThat(chat("deepseek-flash", false).statusCode()).isEqualTo(status);
        ended(outcome, 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLE_THEN_RESET", "CONTENT_THEN_RESET"})
    void makesNoCallAgainOnceTheClientMayHaveSeenAnEvent(Said failure) {
        String seen = failure == Said.ROLE_THEN_RESET ? Said.ROLE : Said.EVENT;
        Semaphore passed = new Semaphore(0);
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(seen);
            passed.acquire();
            connection.reset();
        });
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body("deepseek-flash", true))) {
            client.readUntil(seen);
            passed.release();
            assertThat(client.readUntil("\n\n")).contains("upstream_unavailable");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(gateway.record().attempts()).isEqualTo(1);
    }

    @Test
    void goesOnInTheSameStreamWhenCommentsHavePassed() throws IOException {
        Semaphore passed = new Semaphore(0);
        AtomicInteger turn = new AtomicInteger();
        upstream.does(connection -> {
            connection.readRequest();
            if (turn.incrementAndGet() == 3) {
                Said.STREAM.on(connection);
            } else {
                connection.beginChunked("text/event-stream");
                connection.chunk(Said.COMMENT + ": keep-");
                passed.acquire();
                connection.reset();
            }
        });
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body("deepseek-flash", true))) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.readUntil(Said.COMMENT);
            passed.release();
            client.readUntil(Said.COMMENT);
            passed.release();
            String rest = client.readUntil("data: [DONE]\n\n");
            assertThat(rest).doesNotContain("HTTP/1.1", ": keep-\n", "error").containsOnlyOnce("Hello");
        }
        ended(Outcome.COMPLETED, 3);
    }

    @Test
    void endsAStreamOfCommentsWithAnErrorWhenAllAttemptsFail() throws IOException {
        Semaphore passed = new Semaphore(0);
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(Said.COMMENT);
            passed.acquire();
            connection.reset();
        });
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body("deepseek-flash", true))) {
            client.readHead();
            for (int i = 0; i < 3; i++) {
                client.readUntil(Said.COMMENT);
                passed.release();
            }
            assertThat(client.readUntil("0\r\n\r\n"))
                    .contains("data: {\"error\":{", "upstream_unavailable")
                    .doesNotContain("[DONE]");
        }
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.attempts()).isEqualTo(3);
        assertThat(call.tokens().total()).as("of no content").isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 2", "2, 1", "9, 1", "x, 3"})
    void makesFewerWhereTheClientMakesItsOwn(String count, int attempts) {
        Said.byTurns(upstream, Said.STATUS_503);
        HttpRequest request = gateway.request("/chat/completions", Gateway.SEARCH)
                .header("x-stainless-retry-count", count)
                .POST(BodyPublishers.ofString(body("deepseek-flash", false)))
                .build();

        assertThat(gateway.send(request).statusCode()).isEqualTo(503);
        ended(Outcome.FAILED, attempts);
    }

    @Test
    void sendsTheSameBytesAgain() {
        List<String> sent = new ArrayList<>();
        AtomicInteger turn = new AtomicInteger();
        upstream.does(connection -> {
            connection.readRequest();
            sent.add(new String(connection.body(), UTF_8));
            (turn.incrementAndGet() == 3 ? Said.DOCUMENT : Said.STATUS_503).on(connection);
        });
        String body = "{\"model\":\"gpt-9\",\"messages\":[{\"role\":\"developer\",\"content\":\"" + "a".repeat(300_000)
                + "\"}]}";
        assertThat(gateway.chat(body).statusCode()).isEqualTo(200);

        assertThat(sent).hasSize(3);
        assertThat(sent.stream().distinct())
                .containsExactly(body.replace("gpt-9", "deepseek-flash").replace("developer", "system"));
        ended(Outcome.COMPLETED, 3);
    }

    @Test
    void tellsTheTraceOfTheLastAttemptOnly() {
        Said.byTurns(upstream, Said.STATUS_503, Said.DOCUMENT);
        assertThat(chat("deepseek-flash", false).headers().allValues("x-ds-trace-id"))
                .containsExactly("DOCUMENT");
        ended(Outcome.COMPLETED, 2);

        Said.byTurns(upstream, Said.STATUS_503, Said.RESET);
        assertThat(chat("deepseek-flash", false).headers().allValues("x-ds-trace-id"))
                .containsExactly("STATUS_503");
        ended(Outcome.FAILED, 3);
    }

    @Test
    void countsEveryAttemptByHowItEnded() {
        String before = attempts();
        Said.byTurns(upstream, Said.RESET, Said.STATUS_429_NOW, Said.DOCUMENT);
        chat("counted", false);
        ended(Outcome.COMPLETED, 3);

        assertThat(before).isEmpty();
        assertThat(attempts()).isEqualTo("completed 1, failed 1, rate_limited 1");
    }

    /** Of the slug that only one test asks for. */
    private static String attempts() {
        return gateway.meters().find("gateway.forward.attempts").tag("model", "counted").counters().stream()
                .filter(counter -> counter.count() > 0)
                .map(RetryTests::said)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String said(Counter counter) {
        return counter.getId().getTag("result") + " " + (int) counter.count();
    }

    @Test
    void waitsForTheFirstContentOnceOnly() {
        Said.byTurns(upstream, Said.SILENCE);

        assertThat(chat("hasty", true).statusCode()).isEqualTo(504);
        ended(Outcome.TIMED_OUT, 1);
    }

    @Test
    void endsAllAttemptsTogetherAtTheTotalTimeout() {
        Semaphore never = new Semaphore(0);
        AtomicInteger turn = new AtomicInteger();
        upstream.does(connection -> {
            connection.readRequest();
            if (turn.incrementAndGet() == 1) {
                never.tryAcquire(250, TimeUnit.MILLISECONDS);
                connection.reset();
            } else {
                connection.awaitClose();
            }
        });
        long start = System.nanoTime();
        HttpResponse<String> answer = chat("hasty", true);

        assertThat(answer.statusCode()).isEqualTo(504);
        assertThat(answer.body()).contains("did not finish");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(490), Duration.ofSeconds(3));
        ended(Outcome.TIMED_OUT, 2);
    }

    @Test
    void endsAtOnceWhenItsClientLeavesInThePause() throws IOException {
        Said.byTurns(upstream, Said.STATUS_503);
        int before = upstream.requests();
        RawClient client = new RawClient(careful).chat(Gateway.MAIL, body("deepseek-flash", true));
        AtRest.within(Duration.ofSeconds(5), () -> upstream.requests() == before + 1 && inUse(careful) == 0);
        client.close();

        CallRecord call = careful.record();
        assertThat(call.outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(call.attempts()).isEqualTo(1);
        assertThat(call.duration()).isLessThan(Duration.ofMillis(450));
        AtRest.assertThatHolds(careful);
        assertThat(upstream.requests()).isEqualTo(before + 1);
    }

    @Test
    void doesNotDoubleAnOutage() throws IOException {
        Said.byTurns(upstream, Said.STATUS_503);
        int before = upstream.requests();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(new RawClient(careful).chat(Gateway.SEARCH, body("outage", false)));
        }
        for (RawClient client : clients) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
            client.close();
        }
        int attempts = 0;
        for (int i = 0; i < 100; i++) {
            attempts += careful.record().attempts();
        }
        assertThat(attempts).as("10 %% of 100 calls, or the least a minute").isBetween(103, 111);
        assertThat(upstream.requests() - before).isEqualTo(attempts);
    }

    private static void ended(Outcome outcome, int attempts) {
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(outcome);
        assertThat(call.attempts()).isEqualTo(attempts);
        assertThat(call.overhead()).isLessThan(Duration.ofMillis(400)).isGreaterThanOrEqualTo(Duration.ZERO);
    }

    private static double inUse(Gateway gateway) {
        return gateway.meters().find("gateway.forward.concurrency.in.use").gauges().stream()
                .mapToDouble(gauge -> gauge.value())
                .sum();
    }

    private static HttpResponse<String> chat(String model, boolean stream) {
        return gateway.chat(body(model, stream));
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream + ",\"messages\":[]}";
    }
}

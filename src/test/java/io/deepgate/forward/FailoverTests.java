package io.deepgate.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.ClosedPort;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawClient;
import io.deepgate.RawUpstream;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Aliases with two upstreams: {@code first} knows the model as {@code one…}, and {@code second}, which reports usage when it
 * is asked, as {@code two…}. Each test has an alias, and so breakers, of its own.
 */
@ExtendWith(Leaks.class)
@Timeout(30)
class FailoverTests {

    private static final int ALIASES = 40;
    private static final AtomicInteger NEXT_ALIAS = new AtomicInteger();
    private static final String FIRST_KEY = "sk-first-0123456789abcdef";
    private static final String SECOND_KEY = "sk-second-0123456789abcdef";

    @TempDir
    private static Path folder;

    private static RawUpstream first;
    private static RawUpstream second;
    private static Gateway gateway;
    private static Path keys;

    /** Keys that {@code first} refuses, with what it says. */
    private static final Map<String, Said> REFUSED = new ConcurrentHashMap<>();

    private static final ConcurrentLinkedQueue<String> USED = new ConcurrentLinkedQueue<>();
    private volatile String head = "";
    private volatile String body = "";
    private String alias;
    private int number;

    @BeforeAll
    static void start() throws IOException {
        first = RawUpstream.start();
        second = RawUpstream.start();
        keys = Files.writeString(folder.resolve("keys"), "sk-of-the-file-1");
        List<String> properties = new ArrayList<>(List.of(
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=4",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=4",
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=100000",
                "gateway.forward.queue.timeout=500ms",
                "gateway.catalog.upstreams.first.first-content-timeout=300ms",
                "gateway.catalog.upstreams.calm.concurrency.full=1",
                "gateway.catalog.upstreams.second.concurrency.busy=1",
                "gateway.catalog.upstreams.second.usage-when-asked=true",
                "gateway.catalog.upstreams.keyed.api-keys=sk-2-0123456789,sk-3-0123456789",
                "gateway.catalog.upstreams.filed.api-keys-file=" + keys,
                "gateway.catalog.upstreams.poor.connect-timeout=1s"));
        upstream(properties, "first", first, FIRST_KEY);
        upstream(properties, "calm", first, FIRST_KEY);
        upstream(properties, "second", second, SECOND_KEY);
        upstream(properties, "keyed", first, "sk-1-0123456789");
        upstream(properties, "filed", first, "");
        upstream(properties, "poor", first, "sk-poor-0123456789");
        for (int i = 0; i < ALIASES; i++) {
            routes(properties, "alias" + i, "first:one" + i, "second:two" + i);
        }
        routes(properties, "crowded", "calm:full", "second:two");
        routes(properties, "jammed", "calm:full", "second:busy");
        routes(properties, "keyed", "keyed:one", "second:two");
        routes(properties, "filed", "filed:one");
        routes(properties, "poor", "poor:one", "second:two");
        gateway = Gateway.inFrontOf(first.baseUrl(), properties.toArray(String[]::new));
    }

    private static void upstream(List<String> properties, String name, RawUpstream upstream, String key) {
        properties.add("gateway.catalog.upstreams." + name + ".base-url=" + upstream.baseUrl());
        properties.add("gateway.catalog.upstreams." + name + ".api-key=" + key);
    }

    private static void routes(List<String> properties, String alias, String... routes) {
        for (int i = 0; i < routes.length; i++) {
            String route = "gateway.catalog.aliases." + alias + ".routes[" + i + "].";
            properties.add(route + "upstream=" + routes[i].split(":")[0]);
            properties.add(route + "slug=" + routes[i].split(":")[1]);
            properties.add(route + "priority=" + i);
        }
    }

    @AfterAll
    static void stop() {
        gateway.close();
        first.close();
        second.close();
    }

    @BeforeEach
    void takeAnAlias() {
        number = NEXT_ALIAS.getAndIncrement();
        alias = "alias" + number;
        USED.clear();
        REFUSED.clear();
        second.does(connection -> {
            connection.readRequest();
            head = connection.head();
            body = new String(connection.body(), UTF_8);
            (Said.streamed(connection) ? Said.STREAM : Said.DOCUMENT).on(connection);
        });
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
        AtRest.within(Duration.ofSeconds(2), () -> first.openConnections() == 0 && second.openConnections() == 0);
        assertThat(gateway.meters().find("gateway.forward.concurrency.in.use").gauges())
                .allMatch(gauge -> gauge.value() == 0);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "RESET",
                "CLOSE",
                "STATUS_403",
                "STATUS_429",
                "STATUS_500",
                "STATUS_501",
                "STATUS_503",
                "SILENCE",
                "HTML",
                "GARBAGE",
                "COMMENTS_THEN_RESET",
                "COMMENTS_THEN_CLOSE"
            })
    void goesOnFromTheSecondWithoutTheClientNoticing(Said failure) {
        Said.byTurns(first, failure);
        HttpResponse<String> answer = chat(alias, true);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().replace(Said.COMMENT, "")).isEqualTo(Said.EVENTS);
        CallRecord call = ended(Outcome.COMPLETED, 2);
        assertThat(call.upstream()).isEqualTo("second");
        assertThat(call.slug()).isEqualTo("two" + number);
        assertThat(call.alias()).isEqualTo(alias);
        assertThat(body)
                .as("rewritten for the second")
                .isEqualTo("{\"stream_options\":{\"include_usage\":true},\"model\":\"two" + number
                        + "\",\"stream\":true,\"messages\":[]}");
        assertThat(head).contains(SECOND_KEY).doesNotContain(FIRST_KEY);
    }

    @Test
    void goesOnFromTheSecondWhenTheFirstCannotBeConnectedTo() throws IOException {
        try (ClosedPort gone = new ClosedPort();
                Gateway other = Gateway.inFrontOf(
                        gone.baseUrl(),
                        "gateway.catalog.upstreams.second.base-url=" + second.baseUrl(),
                        "gateway.catalog.upstreams.second.api-key=" + SECOND_KEY,
                        "gateway.catalog.aliases.both.slug=one",
                        "gateway.catalog.aliases.both.routes[0].weight=1",
                        "gateway.catalog.aliases.both.routes[1].upstream=second",
                        "gateway.catalog.aliases.both.routes[1].priority=1")) {
            assertThat(other.chat(body("both", false)).body()).isEqualTo(Said.BODY);
            assertThat(other.record().attempts()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"STATUS_400, 400", "STATUS_404, 404", "STATUS_422, 422"})
    void asksNobodyElseWhatTheRequestIsToBlameFor(Said failure, int status) {
        Said.byTurns(first, failure);

        assertThat(chat(alias, false).statusCode()).isEqualTo(status);
        assertThat(ended(Outcome.REFUSED, 1).upstream()).isEqualTo("first");
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLE_THEN_RESET", "CONTENT_THEN_RESET"})
    void asksNobodyElseOnceTheClientMayHaveSeenAnEvent(Said failure) {
        Semaphore passed = new Semaphore(0);
        String seen = failure == Said.ROLE_THEN_RESET ? Said.ROLE : Said.EVENT;
        first.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(seen);
            passed.acquire();
            connection.reset();
        });
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body(alias, true))) {
            client.readUntil(seen);
            passed.release();
            assertThat(client.readUntil("\n\n")).contains("upstream_unavailable");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        ended(Outcome.FAILED, 1);
    }

    @Test
    void tellsTheLastFailureWhenAllFail() {
        Said.byTurns(first, Said.STATUS_500);
        Said.byTurns(second, Said.STATUS_503);

        assertThat(chat(alias, false).statusCode()).isEqualTo(503);
        assertThat(ended(Outcome.FAILED, 2).upstream()).isEqualTo("second");
    }

    @Test
    void passesAnUpstreamOverWhoseBreakerIsOpen() {
        Said.byTurns(first, Said.STATUS_500);
        for (int i = 0; i < 4; i++) {
            assertThat(chat(alias, false).statusCode()).isEqualTo(200);
            ended(Outcome.COMPLETED, 2);
        }
        int before = first.requests();

        assertThat(chat(alias, false).statusCode()).isEqualTo(200);
        assertThat(ended(Outcome.COMPLETED, 1).upstream()).isEqualTo("second");
        assertThat(first.requests()).isEqualTo(before);
    }

    @Test
    void saysThatABreakerIsOpenOnlyWhenAllAre() {
        Said.byTurns(first, Said.STATUS_500);
        Said.byTurns(second, Said.STATUS_500);
        for (int i = 0; i < 4; i++) {
            assertThat(chat(alias, false).statusCode()).isEqualTo(502);
            ended(Outcome.FAILED, 2);
        }
        HttpResponse<String> answer = chat(alias, false);

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("upstream_circuit_open");
        assertThat(ended(Outcome.REJECTED, 0).upstream()).isEqualTo("first");
    }

    @Test
    void passesAnUpstreamOverWhoseConcurrencyIsSpent() throws IOException {
        Semaphore end = new Semaphore(0);
        first.does(connection -> {
            connection.readRequest();
            end.acquire();
            Said.DOCUMENT.on(connection);
        });
        int before = first.requests();
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body("crowded", false))) {
            AtRest.within(Duration.ofSeconds(5), () -> first.requests() == before + 1);

            assertThat(chat("crowded", false).statusCode()).isEqualTo(200);
            assertThat(ended(Outcome.COMPLETED, 1).upstream()).isEqualTo("second");
            assertThat(first.requests()).isEqualTo(before + 1);
            end.release();
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(ended(Outcome.COMPLETED, 1).upstream()).isEqualTo("calm");
    }

    @Test
    void waitsForThePreferredWhenTheConcurrencyOfAllIsSpent() throws IOException {
        Semaphore end = new Semaphore(0);
        RawUpstream.Script holds = connection -> {
            connection.readRequest();
            end.acquire();
            Said.DOCUMENT.on(connection);
        };
        first.does(holds);
        second.does(holds);
        int before = first.requests() + second.requests();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            clients.add(new RawClient(gateway).chat(Gateway.SEARCH, body("jammed", false)));
        }
        AtRest.within(Duration.ofSeconds(5), () -> first.requests() + second.requests() == before + 2);

        HttpResponse<String> late = chat("jammed", false);
        assertThat(late.statusCode()).isEqualTo(429);
        assertThat(late.body()).contains("upstream_rate_limited", "not your tenant's own limit");
        assertThat(late.headers().firstValue("retry-after")).hasValue("1");
        assertThat(ended(Outcome.REJECTED, 0).upstream()).isEqualTo("calm");
        end.release(2);
        for (RawClient client : clients) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.close();
            gateway.record();
        }
    }

    @Test
    void usesTheNextKeyWhenOneIsRefused() {
        firstKnowsKeys();
        REFUSED.put("sk-1-0123456789", Said.STATUS_401);
        REFUSED.put("sk-2-0123456789", Said.STATUS_402);

        assertThat(chat("keyed", false).statusCode()).isEqualTo(200);
        assertThat(ended(Outcome.COMPLETED, 3).upstream()).isEqualTo("keyed");
        assertThat(USED).containsExactly("sk-1-0123456789", "sk-2-0123456789", "sk-3-0123456789");
        assertThat(resting("keyed")).isEqualTo(2);
        assertThat(health()).contains("\"resting\":{\"keyed\":\"2 of 3\"}").doesNotContain("sk-");
        assertThat(gateway.prometheus()).contains("gateway_forward_keys_resting{upstream=\"keyed\"} 2.0");

        assertThat(chat("keyed", false).statusCode()).isEqualTo(200);
        ended(Outcome.COMPLETED, 1);

        REFUSED.put("sk-3-0123456789", Said.STATUS_401);
        assertThat(chat("keyed", false).statusCode()).isEqualTo(200);
        assertThat(ended(Outcome.COMPLETED, 2).upstream()).isEqualTo("second");

        assertThat(chat("keyed", false).statusCode()).isEqualTo(200);
        assertThat(ended(Outcome.COMPLETED, 1).upstream()).as("all keys rest").isEqualTo("second");
    }

    @ParameterizedTest
    @EnumSource(names = {"STATUS_401", "STATUS_402"})
    void passesAnUpstreamOverWhoseKeyIsRefused(Said refusal) {
        Said.byTurns(first, refusal);
        chat("poor", false);
        assertThat(gateway.record().upstream()).isEqualTo("second");
        int before = first.requests();

        assertThat(chat("poor", false).statusCode()).isEqualTo(200);
        assertThat(ended(Outcome.COMPLETED, 1).upstream()).isEqualTo("second");
        assertThat(first.requests()).isEqualTo(before);
    }

    @Test
    void takesNewKeysFromTheFileWithoutARestart() throws IOException {
        firstKnowsKeys();
        assertThat(chat("filed", false).statusCode()).isEqualTo(200);
        gateway.record();
        Files.writeString(keys, "sk-of-the-file-2");

        AtRest.every(Duration.ofMillis(100), Duration.ofSeconds(5), () -> {
            USED.clear();
            assertThat(chat("filed", false).statusCode()).isEqualTo(200);
            gateway.record();
            return USED.contains("sk-of-the-file-2");
        });
    }

    private static void firstKnowsKeys() {
        first.does(connection -> {
            connection.readRequest();
            String bearer = connection
                    .head()
                    .lines()
                    .filter(line -> line.regionMatches(true, 0, "authorization: Bearer ", 0, 22))
                    .findFirst()
                    .orElseThrow()
                    .substring(22);
            USED.add(bearer);
            REFUSED.getOrDefault(bearer, Said.DOCUMENT).on(connection);
        });
    }

    private static String health() {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health");
        return gateway.send(HttpRequest.newBuilder(uri).build()).body();
    }

    private static double resting(String upstream) {
        return gateway.meters()
                .get("gateway.forward.keys.resting")
                .tag("upstream", upstream)
                .gauge()
                .value();
    }

    private static CallRecord ended(Outcome outcome, int attempts) {
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(outcome);
        assertThat(call.attempts()).isEqualTo(attempts);
        return call;
    }

    private static HttpResponse<String> chat(String model, boolean stream) {
        return gateway.chat(body(model, stream));
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream + ",\"messages\":[]}";
    }
}

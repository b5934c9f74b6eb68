package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.usage.CallRecord;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.convert.DurationStyle;

/**
 * Networks that fail on both sides of the gateway, and an upstream that fails in every way it can. Whatever happens, a
 * client never takes a broken answer for a whole one, and when all is over nothing is left behind.
 */
@Tag("chaos")
@Timeout(120)
class ChaosTests {

    private static final int CALLERS = 24;
    private static final int CALLS_A_ROUND = 20;
    private static final int CLAIM = 1_000_000;
    /** Longer than any call takes, retries included; and what is enough behind a network that may have swallowed all. */
    private static final int PATIENCE = 20_000;

    private static final int HASTE = 1500;
    private static final int MOST_BYTES = 2500;

    /** How long the soak takes; nothing in {@code mvn verify}, which only runs what it has once found. */
    private static final Duration SOAK = DurationStyle.detectAndParse(System.getProperty("chaos.duration", "0s"));

    private static final long SEED = Long.getLong("chaos.seed", System.currentTimeMillis());

    private static Sandbox sandbox;
    private static FaultProxy upstream;
    private static FaultProxy network;
    private static Gateway gateway;
    private static ExecutorService callers;
    private static long memory;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 2000, Duration.ofMillis(20), "sk-sandbox"));
        upstream = FaultProxy.before(sandbox.baseUrl().getPort(), 1);
        gateway = Gateway.with(
                """
                tenants:
                  - id: search
                    keys: [{ id: %s, sha256: %s }]
                    limits: { requests-per-minute: 1000000, tokens-per-minute: %d, concurrent-requests: %d }
                  - id: mail
                    keys: [{ id: %s, sha256: %s }]
                    limits: { requests-per-minute: 1000000, tokens-per-minute: %d, concurrent-requests: %d }
                """.formatted(
                                Gateway.SEARCH.id(),
                                Gateway.SEARCH.sha256Hex(),
                                2 * CALLERS * CLAIM,
                                CALLERS,
                                Gateway.MAIL.id(),
                                Gateway.MAIL.sha256Hex(),
                                2 * CALLERS * CLAIM,
                                CALLERS),
                upstream.baseUrl(),
                "gateway.admission.completion-claim=" + CLAIM,
                "gateway.catalog.upstreams.deepseek.connect-timeout=500ms",
                "gateway.catalog.upstreams.deepseek.first-content-timeout=500ms",
                "gateway.catalog.upstreams.deepseek.idle-timeout=500ms",
                "gateway.api.request-timeout=1s",
                "resilience4j.circuitbreaker.configs.default.wait-duration-in-open-state=50ms",
                "resilience4j.circuitbreaker.configs.tenant.wait-duration-in-open-state=50ms");
        network = FaultProxy.before(gateway.port(), 2);
        callers = Executors.newVirtualThreadPerTaskExecutor();
    }

    @AfterAll
    static void stop() {
        callers.close();
        network.close();
        gateway.close();
        upstream.close();
        sandbox.close();
    }

    @BeforeEach
    void calm() {
        upstream.does(random -> Fault.NONE);
        network.does(random -> Fault.NONE);
        AtRest.within(Duration.ofSeconds(20), () -> AtRest.inFlight(gateway, "search") == 0);
        while (gateway.unreadRecords() > 0) {
            gateway.record();
        }
        gateway.bean(CircuitBreakerRegistry.class).getAllCircuitBreakers().forEach(CircuitBreaker::reset);
    }

    @Test
    void passesAnswersOnThatComeByteByByte() throws Exception {
        ChaosCall call = new ChaosCall(Gateway.SEARCH, Asked.CHAT, "deepseek-chat", true, "[[say Hello there]]", -1);
        String whole = content(call.make(gateway.port(), PATIENCE));

        upstream.does(random -> new Fault(Fault.Kind.SPLIT, random.nextBoolean(), 0, 0));
        network.does(random -> new Fault(Fault.Kind.SPLIT, random.nextBoolean(), 0, 0));
        for (int i = 0; i < 8; i++) {
            assertThat(content(call.make(network.port(), PATIENCE)))
                    .isEqualTo(whole)
                    .endsWith("data: [DONE]\n\n");
        }
        assertThatAllIsAtRest(9, 0, Set.of());
    }

    @Test
    void neverMakesAWholeAnswerOfOneThatWasCut() throws Exception {
        for (Fault.Kind kind : List.of(Fault.Kind.RESET, Fault.Kind.CLOSE)) {
            for (boolean stream : new boolean[] {true, false}) {
                AtomicInteger at = new AtomicInteger();
                int step = SOAK.isZero() ? 23 : 1;
                upstream.does(random -> new Fault(kind, true, at.getAndAdd(step), 0));
                ChaosCall call =
                        new ChaosCall(Gateway.SEARCH, Asked.CHAT, "deepseek-chat", stream, "[[say Hello there]]", -1);
                List<Future<ChaosCall.Seen>> all = new ArrayList<>();
                for (int i = 0; i < MOST_BYTES / step; i++) {
                    all.add(callers.submit(() -> call.make(gateway.port(), PATIENCE)));
                    if (all.size() % 8 == 0) {
                        all.getLast().get();
                    }
                }
                for (Future<ChaosCall.Seen> seen : all) {
                    assertThatIsNoHalfAnswer(call, seen.get(), true);
                }
                assertThatAllIsAtRest(all.size(), 0, Set.of());
            }
        }
    }

    @Test
    void survivesEveryFaultEverywhere() throws Exception {
        List<Fault> faults = new ArrayList<>();
        for (Fault.Kind kind : Fault.Kind.values()) {
            for (int after : new int[] {0, 100, 600}) {
                faults.add(new Fault(kind, true, after, 20));
                faults.add(new Fault(kind, false, after, 20));
            }
        }
        AtomicInteger next = new AtomicInteger();
        Function<Random, Fault> each = random -> faults.get(next.getAndIncrement() % faults.size());
        upstream.does(each);
        network.does(random -> Fault.NONE);
        round(1, faults.size());
        upstream.does(random -> Fault.NONE);
        network.does(each);
        round(2, faults.size());
    }

    /** Rounds that once found a fault, and a few that did not. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void survivesAllFaultsAtOnce(long seed) throws Exception {
        upstream.does(random -> Fault.any(random, MOST_BYTES));
        network.does(random -> Fault.any(random, MOST_BYTES));
        round(seed, CALLERS * CALLS_A_ROUND);
        assertThat(Leaks.found()).as("leaked buffers").isEmpty();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void soaks() throws Exception {
        long end = System.nanoTime() + SOAK.toNanos();
        upstream.does(random -> Fault.any(random, MOST_BYTES));
        network.does(random -> Fault.any(random, MOST_BYTES));
        long calls = 0;
        for (long seed = SEED; System.nanoTime() < end; seed++) {
            System.out.printf(
                    "chaos: round %d, seed %d, %d calls so far, %d KB direct memory%n",
                    seed - SEED, seed, calls, AtRest.directMemory() / 1024);
            round(seed, CALLERS * CALLS_A_ROUND);
            calls += CALLERS * CALLS_A_ROUND;
            if ((seed - SEED) % 20 == 0) {
                assertThat(Leaks.found()).as("leaked buffers, seed " + seed).isEmpty();
            }
            memory = memory == 0 ? AtRest.directMemory() : memory;
            assertThat(AtRest.directMemory() - memory)
                    .as("bytes of direct memory more than after one round")
                    .isLessThan(64L << 20);
        }
        System.out.printf("chaos: %d calls in %s, from seed %d%n", calls, SOAK, SEED);
    }

    /** So many calls at a time as there are callers, half of them through a network that fails. */
    private static void round(long seed, int calls) throws Exception {
        long tokens = AtRest.claimableTokens(gateway, "search");
        AtomicInteger left = new AtomicInteger(calls);
        List<Future<Tally>> tallies = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            int number = caller;
            tallies.add(callers.submit(() -> calls(new Random(seed * 1000 + number), number % 2 == 0, left)));
        }
        Tally all = new Tally(0, 0, new HashSet<>());
        for (Future<Tally> tally : tallies) {
            all = all.plus(tally.get());
        }
        long used = assertThatAllIsAtRest(all.direct, all.proxied, all.ids);
        assertThat(AtRest.claimableTokens(gateway, "search"))
                .as("tokens that can be claimed, seed " + seed)
                .isGreaterThanOrEqualTo(tokens - used);
    }

    /** What was sent, and the ids of the calls that their clients know of. */
    private record Tally(int direct, int proxied, Set<String> ids) {

        Tally plus(Tally other) {
            ids.addAll(other.ids);
            return new Tally(direct + other.direct, proxied + other.proxied, ids);
        }
    }

    private static Tally calls(Random random, boolean direct, AtomicInteger left) {
        int made = 0;
        Set<String> ids = new HashSet<>();
        ApiKey key = direct ? Gateway.SEARCH : Gateway.MAIL;
        while (left.getAndDecrement() > 0) {
            ChaosCall call = ChaosCall.any(key, random);
            ChaosCall.Seen seen = call.make(direct ? gateway.port() : network.port(), direct ? PATIENCE : HASTE);
            made++;
            if (!seen.requestId().isEmpty()) {
                ids.add(seen.requestId());
            }
            assertThatIsNoHalfAnswer(call, seen, direct);
        }
        return direct ? new Tally(made, 0, ids) : new Tally(0, made, ids);
    }

    private static void assertThatIsNoHalfAnswer(ChaosCall call, ChaosCall.Seen seen, boolean direct) {
        if (seen.ended()) {
            assertThat(seen.whole())
                    .as("%s ended, and is whole: %s", call, seen.text())
                    .isTrue();
        } else if (direct && call.patience() < 0 && call.stream()) {
            assertThat(seen.ended())
                    .as("%s is told how it ended: %s", call, seen.text())
                    .isTrue();
        }
    }

    /** The five lines of what must hold after any disturbance; returns the tokens that {@code search} used. */
    private static long assertThatAllIsAtRest(int direct, int proxied, Set<String> ids) {
        AtRest.within(Duration.ofSeconds(20), () -> sandbox.openConnections() == 0);
        AtRest.within(
                Duration.ofSeconds(20),
                () -> AtRest.inFlight(gateway, "search") == 0 && AtRest.inFlight(gateway, "mail") == 0);
        AtRest.within(Duration.ofSeconds(20), () -> network.openConnections() == 0);
        List<CallRecord> records = new ArrayList<>();
        while (gateway.unreadRecords() > 0) {
            records.add(gateway.record());
        }
        AtRest.assertThatHolds(gateway);
        assertThat(records)
                .extracting(CallRecord::requestId)
                .doesNotHaveDuplicates()
                .containsAll(ids);
        List<CallRecord> ofSearch =
                records.stream().filter(call -> call.tenant().equals("search")).toList();
        assertThat(ofSearch).as("records").hasSize(direct);
        assertThat(records.size() - ofSearch.size()).as("records").isLessThanOrEqualTo(proxied);
        assertThat(records).allMatch(call -> !call.overhead().isNegative());
        return ofSearch.stream().mapToLong(call -> call.tokens().total()).sum();
    }

    private static String content(ChaosCall.Seen seen) {
        assertThat(seen.ended() && seen.whole()).as(seen.text()).isTrue();
        return ChaosCall.body(seen.text()).replaceAll("\"id\":\"[^\"]*\"|\"created\":\\d+", "");
    }
}

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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.springframework.boot.convert.DurationStyle;

/** A gateway between two networks that fail as they are told, callers on one side, the sandbox on the other. */
final class Chaos implements AutoCloseable {

    static final int CALLERS = 24;
    static final int CLAIM = 1_000_000;
    static final int TOKENS_PER_MINUTE = 2 * CALLERS * CLAIM;
    /** Longer than any call takes, retries included; and what is enough behind a network that may have swallowed all. */
    static final int PATIENCE = 20_000;

    private static final int HASTE = 1500;
    private static final int CALLS_A_ROUND = 20 * CALLERS;
    private static final int MOST_BYTES = 2500;
    private static final long MOST_MEMORY = 64L << 20;

    /** How long soaks take; nothing in {@code mvn verify}, which only runs what they have once found. */
    static final Duration SOAK = DurationStyle.detectAndParse(System.getProperty("chaos.duration", "0s"));

    private static final long SEED = Long.getLong("chaos.seed", System.currentTimeMillis());

    /** What else fails while a round lasts. */
    interface Trouble {
        /** Makes trouble, by {@code random}, until the round is over. */
        void make(Random random, BooleanSupplier over) throws Exception;

        /** Ends all of it, and waits until its consequences have ended too. */
        void end();
    }

    private static final Trouble NONE = new Trouble() {
        @Override
        public void make(Random random, BooleanSupplier over) {}

        @Override
        public void end() {}
    };

    final Sandbox sandbox;
    final FaultProxy upstream;
    final FaultProxy network;
    final Gateway gateway;
    final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();

    private final Trouble trouble;

    Chaos() {
        this(NONE);
    }

    Chaos(Trouble trouble, String... properties) {
        this.trouble = trouble;
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 2000, Duration.ofMillis(20), "sk-sandbox"));
        upstream = FaultProxy.before(sandbox.baseUrl().getPort(), 1);
        Stream<String> own = Stream.of(
                "gateway.admission.completion-claim=" + CLAIM,
                "gateway.catalog.upstreams.deepseek.connect-timeout=500ms",
                "gateway.catalog.upstreams.deepseek.first-content-timeout=500ms",
                "gateway.catalog.upstreams.deepseek.idle-timeout=500ms",
                "gateway.api.request-timeout=1s",
                "resilience4j.circuitbreaker.configs.default.wait-duration-in-open-state=50ms",
                "resilience4j.circuitbreaker.configs.tenant.wait-duration-in-open-state=50ms");
        String limits = "{ requests-per-minute: 1000000, tokens-per-minute: %d, concurrent-requests: %d }"
                .formatted(TOKENS_PER_MINUTE, CALLERS);
        gateway = Gateway.with(
                """
                tenants:
                  - id: search
                    keys: [{ id: %s, sha256: %s }]
                    limits: %s
                  - id: mail
                    keys: [{ id: %s, sha256: %s }]
                    limits: %s
                """.formatted(
                                Gateway.SEARCH.id(),
                                Gateway.SEARCH.sha256Hex(),
                                limits,
                                Gateway.MAIL.id(),
                                Gateway.MAIL.sha256Hex(),
                                limits),
                upstream.baseUrl(),
                Stream.concat(own, Stream.of(properties)).toArray(String[]::new));
        network = FaultProxy.before(gateway.port(), 2);
    }

    /** Nothing fails any more, and nothing of what has failed is left. */
    void calm() {
        upstream.does(random -> Fault.NONE);
        network.does(random -> Fault.NONE);
        trouble.end();
        AtRest.within(Duration.ofSeconds(20), () -> AtRest.inFlight(gateway, "search") == 0);
        while (gateway.unreadRecords() > 0) {
            gateway.record();
        }
        gateway.bean(CircuitBreakerRegistry.class).getAllCircuitBreakers().forEach(CircuitBreaker::reset);
    }

    /** From now on both networks fail in any way. */
    void failAnyhow() {
        upstream.does(random -> Fault.any(random, MOST_BYTES));
        network.does(random -> Fault.any(random, MOST_BYTES));
    }

    /** One fault of each kind at each of some places, both ways. */
    static List<Fault> each() {
        List<Fault> faults = new ArrayList<>();
        for (Fault.Kind kind : Fault.Kind.values()) {
            for (int after : new int[] {0, 100, 600}) {
                faults.add(new Fault(kind, true, after, 20));
                faults.add(new Fault(kind, false, after, 20));
            }
        }
        return faults;
    }

    static Function<Random, Fault> inTurn(List<Fault> faults) {
        AtomicInteger next = new AtomicInteger();
        return random -> faults.get(next.getAndIncrement() % faults.size());
    }

    /** Rounds with all that fails at once, for {@code time}; the first seed is printed, and those after it follow. */
    void soak(Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        long memory = 0;
        long calls = 0;
        for (long seed = SEED; System.nanoTime() < end; seed++) {
            System.out.printf(
                    "chaos: round %d, seed %d, %d calls so far, %d KB direct memory%n",
                    seed - SEED, seed, calls, AtRest.directMemory() / 1024);
            failAnyhow();
            round(seed);
            calls += CALLS_A_ROUND;
            if ((seed - SEED) % 20 == 0) {
                assertThat(Leaks.found()).as("leaked buffers, seed " + seed).isEmpty();
            }
            memory = memory == 0 ? AtRest.directMemory() : memory;
            assertThat(AtRest.directMemory() - memory)
                    .as("bytes of direct memory more than after one round, seed " + seed)
                    .isLessThan(MOST_MEMORY);
        }
        assertThat(Leaks.found()).as("leaked buffers").isEmpty();
        System.out.printf("chaos: %d calls in %s, from seed %d%n", calls, time, SEED);
    }

    void round(long seed) throws Exception {
        round(seed, CALLS_A_ROUND);
    }

    /** So many calls at a time as there are callers, half of them through a network that fails. */
    void round(long seed, int calls) throws Exception {
        long tokens = AtRest.claimableTokens(gateway, "search");
        AtomicInteger left = new AtomicInteger(calls);
        Future<Void> troubled = callers.submit(() -> {
            trouble.make(new Random(seed), () -> left.get() <= 0);
            return null;
        });
        List<Future<Tally>> tallies = new ArrayList<>();
        for (int caller = 0; caller < CALLERS; caller++) {
            int number = caller;
            tallies.add(callers.submit(() -> calls(new Random(seed * 1000 + number), number % 2 == 0, left)));
        }
        Tally all = new Tally(0, 0, new HashSet<>());
        for (Future<Tally> tally : tallies) {
            all = all.plus(tally.get());
        }
        troubled.get();
        trouble.end();
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

    private Tally calls(Random random, boolean direct, AtomicInteger left) {
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

    static void assertThatIsNoHalfAnswer(ChaosCall call, ChaosCall.Seen seen, boolean direct) {
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
    long assertThatAllIsAtRest(int direct, int proxied, Set<String> ids) {
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

    @Override
    public void close() {
        callers.close();
        network.close();
        gateway.close();
        upstream.close();
        sandbox.close();
    }
}

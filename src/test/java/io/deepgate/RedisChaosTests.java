package io.deepgate;

import static io.lettuce.core.Range.Boundary.including;
import static io.lettuce.core.Range.Boundary.unbounded;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Range;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same with limits in a Redis that fails too: the network to it, its process, its data, its patience. */
@Tag("chaos")
@Timeout(120)
class RedisChaosTests {

    private static final int CALLS = 48;
    private static final int MOST_BYTES = 50_000;
    private static final int LONGEST_MILLIS = 400;

    @RegisterExtension
    private static final RedisServer redis = new RedisServer();

    private static FaultProxy network;
    private static RedisTrouble trouble;
    private static Chaos chaos;

    /** What becomes of Redis. */
    private enum Event {
        PAUSES,
        FREEZES,
        DIES,
        FORGETS,
        LOSES_ITS_CONNECTIONS,
        GETS_ANOTHER_NETWORK
    }

    /** One event after the other, or only such as are named. */
    private static final class RedisTrouble implements Chaos.Trouble {

        private List<Event> events = List.of();

        @Override
        public void make(Random random, BooleanSupplier over) throws InterruptedException {
            while (!events.isEmpty() && !over.getAsBoolean()) {
                happens(events.get(random.nextInt(events.size())), random);
                Thread.sleep(random.nextInt(LONGEST_MILLIS));
            }
        }

        @Override
        public void end() {
            network.does(random -> Fault.NONE).cut();
            AtRest.every(
                    Duration.ofMillis(50),
                    Duration.ofSeconds(20),
                    () -> fallback() == 0 && leases("search") == 0 && leases("mail") == 0);
        }
    }

    private static void happens(Event event, Random random) throws InterruptedException {
        int millis = 1 + random.nextInt(LONGEST_MILLIS);
        switch (event) {
            case PAUSES -> ask(commands -> commands.clientPause(millis));
            case FREEZES -> {
                redis.freeze();
                Thread.sleep(millis);
                redis.thaw();
            }
            case DIES -> {
                redis.kill();
                Thread.sleep(millis);
                redis.start();
            }
            case FORGETS -> ask(commands -> commands.flushall() + commands.scriptFlush());
            case LOSES_ITS_CONNECTIONS -> network.cut();
            case GETS_ANOTHER_NETWORK ->
                network.does(each -> Fault.any(each, MOST_BYTES)).cut();
        }
    }

    @BeforeAll
    static void start() {
        network = FaultProxy.before(redis.port(), 3);
        trouble = new RedisTrouble();
        chaos = new Chaos(
                trouble,
                "gateway.admission.store=redis",
                "gateway.admission.redis.lease=3s",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + network.port());
    }

    @AfterAll
    static void stop() {
        chaos.close();
        network.close();
    }

    @BeforeEach
    void calm() {
        trouble.events = List.of();
        chaos.calm();
    }

    @ParameterizedTest
    @EnumSource
    void survives(Event event) throws Exception {
        trouble.events = List.of(event);
        chaos.round(1, CALLS);
    }

    /** Rounds that once found a fault, and a few that did not. */
    @ParameterizedTest
    @ValueSource(longs = 1)
    void survivesAllFaultsAtOnce(long seed) throws Exception {
        trouble.events = List.of(Event.values());
        chaos.failAnyhow();
        chaos.round(seed);
        assertThat(Leaks.found()).as("leaked buffers").isEmpty();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void soaks() throws Exception {
        trouble.events = List.of(Event.values());
        chaos.soak(Chaos.SOAK);
    }

    private static double fallback() {
        return chaos.gateway.meters().get("gateway.admission.fallback").gauge().value();
    }

    /** Calls that Redis counts as open; those whose lease has run out are none, though they may still be written there. */
    private static long leases(String tenant) {
        return ask(commands -> commands.zcount(
                "deepgate:{" + tenant + "}:calls", Range.from(including(System.currentTimeMillis()), unbounded())));
    }

    private static <T> T ask(Function<RedisCommands<String, String>, T> question) {
        RedisCommands<String, String> commands = redis.commands();
        try {
            return question.apply(commands);
        } finally {
            commands.getStatefulConnection().close();
        }
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts attempts at upstreams by how they ended. */
final class AttemptMeters {

    /** How an attempt ended, as meters and traces say it. */
    enum Result {
        COMPLETED,
        REFUSED,
        /** Our key was refused. */
        UNAUTHORIZED,
        /** Our account is empty. */
        INSUFFICIENT_BALANCE,
        /** Our account is limited. */
        RATE_LIMITED,
        FAILED,
        TIMED_OUT,
        CANCELLED;

        /** As meters and traces name it. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether the upstream did not do what it was asked for. */
        boolean isFailure() {
            return this != COMPLETED && this != CANCELLED;
        }

        static Result ofStatus(int status) {
            return switch (status) {
                case 401, 403 -> UNAUTHORIZED;
                case 402 -> INSUFFICIENT_BALANCE;
                case 429 -> RATE_LIMITED;
                default -> REFUSED;
            };
        }
    }

    private record Key(String upstream, String slug, Result result) {}

    private final Map<Key, Counter> counters = new ConcurrentHashMap<>();
    private final MeterRegistry registry;

    AttemptMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void count(Route route, Result result) {
        counters.computeIfAbsent(new Key(route.upstream().name(), route.slug(), result), this::counter)
                .increment();
    }

    private Counter counter(Key key) {
        return Counter.builder("gateway.forward.attempts")
                .description("Attempts at an upstream, by how they ended")
                .tag("upstream", key.upstream)
                .tag("model", key.slug)
                .tag("result", key.result.label())
                .register(registry);
    }
}

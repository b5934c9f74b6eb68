package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts attempts at upstreams by how they ended. */
final class AttemptMeters {

    /** How an attempt ended, as the meter's label says it. */
    enum Result {
        COMPLETED,
        REFUSED,
        FAILED,
        TIMED_OUT,
        CANCELLED
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
                .tag("result", key.result.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;
import reactor.core.scheduler.Schedulers;

/** The concurrency of every upstream's slug, with its meters. */
final class Concurrencies {

    private record Key(String upstream, String slug) {}

    private final Map<Key, Concurrency> all = new ConcurrentHashMap<>();
    private final ForwardProperties properties;
    private final MeterRegistry registry;

    Concurrencies(ForwardProperties properties, MeterRegistry registry) {
        this.properties = properties;
        this.registry = registry;
    }

    Concurrency of(Route route) {
        var key = new Key(route.upstream().name(), route.slug());
        Concurrency known = all.get(key);
        Concurrency concurrency = known == null ? all.computeIfAbsent(key, absent -> metered(route)) : known;
        concurrency.most(most(route));
        return concurrency;
    }

    /** Whether nothing waits anywhere, and no upstream takes less than it is configured for. */
    boolean atEase() {
        return all.values().stream().allMatch(Concurrency::atEase);
    }

    private int most(Route route) {
        return route.upstream().concurrency().getOrDefault(route.slug(), properties.maxConnections());
    }

    private Concurrency metered(Route route) {
        var limit = new ConcurrencyLimit(most(route), properties.probeInterval().toNanos(), System.nanoTime());
        var concurrency =
                new Concurrency(route.slug(), limit, properties.queue(), System::nanoTime, Schedulers.parallel());
        gauge("limit", "Calls that may be in flight at once", route, concurrency, Concurrency::limit);
        gauge("in.use", "Calls in flight", route, concurrency, Concurrency::inUse);
        gauge("queued", "Calls that wait for one in flight to end", route, concurrency, Concurrency::queued);
        return concurrency;
    }

    private void gauge(
            String name, String description, Route route, Concurrency concurrency, ToIntFunction<Concurrency> value) {
        Gauge.builder("gateway.forward.concurrency." + name, concurrency, value::applyAsInt)
                .description(description)
                .tag("upstream", route.upstream().name())
                .tag("model", route.slug())
                .register(registry);
    }
}

package io.deepgate.watch;

import io.deepgate.catalog.LiveCatalog;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Statistic;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the console shows of the way to the upstreams: circuit breakers and concurrency. */
final class UpstreamsView {

    /** @param ofTenant whether it stands before one tenant's calls only */
    record BreakerState(String name, String state, boolean ofTenant) {}

    record Occupancy(String upstream, String model, double limit, double inUse, double queued) {}

    private final Figures figures;
    private final CircuitBreakerRegistry breakers;
    private final LiveCatalog catalog;

    UpstreamsView(Figures figures, CircuitBreakerRegistry breakers, LiveCatalog catalog) {
        this.figures = figures;
        this.breakers = breakers;
        this.catalog = catalog;
    }

    List<BreakerState> breakers() {
        Set<String> shared = catalog.current().routes().stream()
                .map(route -> route.upstream().name() + "/" + route.slug())
                .collect(Collectors.toSet());
        return breakers.getAllCircuitBreakers().stream()
                .map(one -> new BreakerState(one.getName(), one.getState().name(), !shared.contains(one.getName())))
                .sorted(Comparator.comparing(BreakerState::ofTenant).thenComparing(BreakerState::name))
                .toList();
    }

    List<Occupancy> concurrency() {
        Map<String, Double> inUse =
                figures.by(UpstreamsView::slug, "gateway.forward.concurrency.in.use", Statistic.VALUE);
        Map<String, Double> queued =
                figures.by(UpstreamsView::slug, "gateway.forward.concurrency.queued", Statistic.VALUE);
        return new TreeMap<>(figures.by(UpstreamsView::slug, "gateway.forward.concurrency.limit", Statistic.VALUE))
                .entrySet().stream()
                        .map(limit -> occupancy(limit.getKey(), limit.getValue(), inUse, queued))
                        .toList();
    }

    private static String slug(Meter.Id id) {
        return id.getTag("upstream") + "\n" + id.getTag("model");
    }

    private static Occupancy occupancy(
            String slug, double limit, Map<String, Double> inUse, Map<String, Double> queued) {
        int end = slug.indexOf('\n');
        return new Occupancy(
                slug.substring(0, end),
                slug.substring(end + 1),
                limit,
                inUse.getOrDefault(slug, 0.0),
                queued.getOrDefault(slug, 0.0));
    }
}

package io.deepgate.usage;

import io.deepgate.catalog.Canary;
import io.deepgate.catalog.LiveCatalog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.NestedExceptionUtils;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/** Watches all candidates, each by the calls of this replica, and follows what other replicas have decided. */
final class Rollouts implements RecordSink, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Rollouts.class);

    private final Map<String, CanaryWatch> watches = new ConcurrentHashMap<>();
    private final LiveCatalog catalog;
    private final RolloutStore store;
    private final MeterRegistry registry;
    private final InstantSource clock;
    private final MultiGauge shares;
    private final MultiGauge stopped;
    private final Disposable schedule;

    Rollouts(LiveCatalog catalog, RolloutStore store, MeterRegistry registry, InstantSource clock) {
        this.catalog = catalog;
        this.store = store;
        this.registry = registry;
        this.clock = clock;
        shares = MultiGauge.builder("gateway.usage.candidate.share")
                .description("Percent of an alias's conversations that go to its candidate")
                .register(registry);
        stopped = MultiGauge.builder("gateway.usage.candidate.stopped")
                .description("1 where the guard has stopped an alias's candidate")
                .register(registry);
        schedule = Schedulers.boundedElastic().schedulePeriodically(this::look, 0, 1, TimeUnit.SECONDS);
    }

    @Override
    public void add(CallRecord call) {
        if (call.variant() == null || call.alias() == null) {
            return;
        }
        Canary canary = catalog.current().canaries().get(call.alias());
        if (canary != null) {
            watch(canary).add(call);
        }
    }

    private CanaryWatch watch(Canary canary) {
        CanaryWatch watch = watches.get(canary.name());
        return watch != null
                ? watch
                : watches.computeIfAbsent(canary.name(), name -> new CanaryWatch(canary, clock.instant()));
    }

    /** Looks at all candidates, and tells the other replicas. */
    synchronized void look() {
        Collection<Canary> canaries = catalog.current().canaries().values();
        watches.keySet().retainAll(canaries.stream().map(Canary::name).collect(Collectors.toSet()));
        Instant now = clock.instant();
        for (Canary canary : canaries) {
            if (watch(canary).outdated(canary)) {
                watches.remove(canary.name());
            }
            look(canary, now);
        }
        shares.register(rows(canaries, Canary::share), true);
        stopped.register(rows(canaries, canary -> canary.stopped() ? 1 : 0), true);
        canaries.forEach(this::agree);
    }

    private void look(Canary canary, Instant now) {
        double share = canary.share();
        Guard.Finding finding = watch(canary).look(canary, now);
        if (finding != null) {
            log.warn("Stopped the candidate of '{}' at {} %: {}", canary.alias(), share, finding.sentence());
            Counter.builder("gateway.usage.candidate.stops")
                    .description("Candidates that the guard of this replica has stopped, by what they were worse at")
                    .tag("alias", canary.alias())
                    .tag("measure", finding.measure().label())
                    .register(registry)
                    .increment();
        } else if (canary.share() != share) {
            log.info("The candidate of '{}' holds and goes on to {} %", canary.alias(), canary.share());
        }
    }

    private void agree(Canary canary) {
        boolean before = canary.stopped();
        double share = canary.share();
        try {
            store.agree(canary);
        } catch (RuntimeException e) {
            log.debug("Each replica decides for itself", NestedExceptionUtils.getMostSpecificCause(e));
        }
        if (canary.stopped() && !before) {
            log.warn(
                    "The candidate of '{}' has been stopped by another replica, or before this one started: {}",
                    canary.alias(),
                    canary.reason());
        } else if (canary.share() != share) {
            log.info("The candidate of '{}' is at {} % for all replicas", canary.alias(), canary.share());
        }
    }

    private static Iterable<MultiGauge.Row<?>> rows(Collection<Canary> canaries, ToDoubleFunction<Canary> figure) {
        return canaries.stream()
                .<MultiGauge.Row<?>>map(canary -> MultiGauge.Row.of(Tags.of("alias", canary.alias()), canary, figure))
                .toList();
    }

    @Override
    public void destroy() {
        schedule.dispose();
    }
}

package io.deepgate.watch;

import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.CatalogProperties.UnlistedSlugs;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Route;
import io.deepgate.catalog.Upstream;
import io.deepgate.forward.UpstreamModels;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/**
 * Compares the catalog's slugs with what the upstreams list, at start and every few minutes. A slug that is not listed is
 * one warning when that changes, a detail of health (which stays up, since other slugs work) and a meter.
 */
final class SlugCheck implements SmartInitializingSingleton, HealthIndicator, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(SlugCheck.class);
    static final String PLACEHOLDER = "deepseek-v4";

    private record Slug(String upstream, String name) {}

    private final LiveCatalog catalog;
    private final UpstreamModels models;
    private final CatalogProperties properties;
    private final MeterRegistry registry;
    private final Map<Slug, String> wrong = new ConcurrentHashMap<>();
    private final Map<Slug, Long> contexts = new ConcurrentHashMap<>();
    private Disposable schedule = Disposables.disposed();

    SlugCheck(LiveCatalog catalog, UpstreamModels models, CatalogProperties properties, MeterRegistry registry) {
        this.catalog = catalog;
        this.models = models;
        this.properties = properties;
        this.registry = registry;
    }

    @Override
    public void afterSingletonsInstantiated() {
        gauges();
        requireListed();
        long every = properties.slugCheck().toMillis();
        if (every > 0) {
            schedule = Schedulers.boundedElastic().schedulePeriodically(this::check, 0, every, TimeUnit.MILLISECONDS);
        }
    }

    /** @throws UnlistedSlugException if a slug is not listed, and the gateway is not to start then */
    void requireListed() {
        if (properties.unlistedSlugs() == UnlistedSlugs.REFUSE) {
            check();
            if (!wrong.isEmpty()) {
                throw new UnlistedSlugException(String.join(" ", wrong.values()));
            }
        }
    }

    /** Looks now, since other slugs may be configured. */
    void catalogChanged() {
        gauges();
        if (properties.slugCheck().isPositive()) {
            check();
        }
    }

    private void gauges() {
        catalog.current().routes().stream().map(SlugCheck::slug).distinct().forEach(this::gauge);
    }

    private void gauge(Slug slug) {
        Gauge.builder("gateway.catalog.unlisted", wrong, slugs -> slugs.containsKey(slug) ? 1 : 0)
                .description("1 while the upstream does not list the slug")
                .tag("upstream", slug.upstream)
                .tag("model", slug.name)
                .register(registry);
    }

    /** Reads the lists now, and waits for them. */
    void check() {
        Map<Upstream, Map<String, Long>> lists = new HashMap<>();
        Collection<Route> routes = catalog.current().routes();
        wrong.keySet().retainAll(routes.stream().map(SlugCheck::slug).toList());
        for (Route route : routes) {
            Map<String, Long> models = lists.computeIfAbsent(route.upstream(), this::listed);
            Set<String> listed = models.keySet();
            contexts.put(slug(route), models.getOrDefault(route.slug(), 0L));
            if (!listed.isEmpty() || route.slug().equals(PLACEHOLDER)) {
                note(slug(route), reason(route, listed));
            }
        }
    }

    /** How many tokens of context the route's model has, as its upstream listed it last; 0 if it did not. */
    long context(Route route) {
        return contexts.getOrDefault(slug(route), 0L);
    }

    /** What the upstream lists; nothing if that cannot be read. */
    private Map<String, Long> listed(Upstream upstream) {
        try {
            return Objects.requireNonNull(models.listed(upstream).block());
        } catch (RuntimeException e) {
            log.debug("The models of {} cannot be read: {}", upstream.name(), e.getMessage());
            return Map.of();
        }
    }

    /** What is wrong with the route's slug, null for nothing. */
    static @Nullable String reason(Route route, Set<String> listed) {
        if (route.slug().equals(PLACEHOLDER)) {
            return "'" + PLACEHOLDER + "' is the placeholder of sample code, no model: set DEEPSEEK_MODEL_ID to one "
                    + (listed.isEmpty() ? "that the upstream lists." : "of " + listed + ".");
        }
        return listed.contains(route.slug())
                ? null
                : "The upstream '" + route.upstream().name() + "' does not list '" + route.slug() + "', only " + listed
                        + ".";
    }

    private void note(Slug slug, @Nullable String reason) {
        String before = reason == null ? wrong.remove(slug) : wrong.put(slug, reason);
        if (reason != null && before == null) {
            log.warn("{}", reason);
        } else if (reason == null && before != null) {
            log.info("The upstream '{}' lists '{}' again", slug.upstream, slug.name);
        }
    }

    private static Slug slug(Route route) {
        return new Slug(route.upstream().name(), route.slug());
    }

    @Override
    public Health health() {
        Map<String, String> details = new TreeMap<>();
        wrong.forEach((slug, reason) -> details.put(slug.upstream + "/" + slug.name, reason));
        return Health.up().withDetail("unlisted", details).build();
    }

    @Override
    public void destroy() {
        schedule.dispose();
    }
}

package io.deepgate.catalog;

import io.deepgate.access.Tenant;
import io.deepgate.catalog.CatalogProperties.UnknownModels;
import io.deepgate.catalog.CatalogProperties.UpstreamEntry;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds what a caller's word for a model stands for. */
public final class Catalog {

    private static final Logger log = LoggerFactory.getLogger(Catalog.class);
    private static final String ANY_ENDING = "*";

    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final NavigableMap<String, Route> beginnings = new TreeMap<>();
    private final @Nullable Route unknown;
    private final Prices prices;

    /**
     * @throws MissingUpstreamKeyException if an upstream has no key
     * @throws IllegalArgumentException if a price is malformed
     */
    public Catalog(CatalogProperties properties) {
        Map<String, Upstream> upstreams = new LinkedHashMap<>();
        properties.upstreams().forEach((name, entry) -> upstreams.put(name, upstream(name, entry)));
        properties.aliases().forEach((alias, entry) -> {
            Route route = new Route(alias, entry.slug(), named(upstreams, entry.upstream()), entry.parameters());
            if (alias.endsWith(ANY_ENDING)) {
                beginnings.put(alias.substring(0, alias.length() - 1), route);
            } else {
                routes.put(alias, route);
            }
        });
        String slug = properties.defaultSlug();
        Upstream upstream = named(upstreams, CatalogProperties.DEFAULT_UPSTREAM);
        Route byDefault = routes.computeIfAbsent(slug, name -> new Route(name, slug, upstream, Parameters.PLAIN));
        unknown = properties.unknownModels() == UnknownModels.REJECT ? null : byDefault;
        prices = new Prices(properties.prices(), properties.peaks());
        warnings().forEach(log::warn);
    }

    private static Upstream named(Map<String, Upstream> upstreams, String name) {
        return Objects.requireNonNull(upstreams.get(name));
    }

    private static Upstream upstream(String name, UpstreamEntry entry) {
        if (entry.apiKey().isBlank()) {
            throw new MissingUpstreamKeyException(name);
        }
        return new Upstream(
                name,
                withoutSlash(entry.baseUrl()),
                new UpstreamKey(entry.apiKey().strip()),
                entry.connectTimeout(),
                entry.firstContentTimeout(),
                entry.idleTimeout(),
                entry.totalTimeout(),
                entry.usageWhenAsked());
    }

    private static URI withoutSlash(URI url) {
        return URI.create(url.toString().replaceAll("/+$", ""));
    }

    /** @throws ModelNotFoundException if {@code model} stands for nothing, or for nothing this tenant may call */
    public Route route(Tenant tenant, String model) {
        Route route = routes.get(model);
        if (route == null) {
            route = beginning(model);
        }
        if (route == null || !tenant.mayCall(model)) {
            throw new ModelNotFoundException(model);
        }
        return route;
    }

    /** The route of the longest alias that stands for any ending of its own, else that of unknown models. */
    private @Nullable Route beginning(String model) {
        for (Map.Entry<String, Route> entry = beginnings.floorEntry(model);
                entry != null;
                entry = beginnings.lowerEntry(entry.getKey())) {
            if (model.startsWith(entry.getKey())) {
                return entry.getValue();
            }
        }
        return unknown;
    }

    /** The aliases that {@code tenant} may call, in the order of the configuration. */
    public List<String> aliases(Tenant tenant) {
        return routes.keySet().stream().filter(tenant::mayCall).toList();
    }

    /** What {@code slug} costs a call that began at {@code start}, or null if it has no price. */
    public @Nullable Price price(String slug, Instant start) {
        return prices.of(slug, start);
    }

    /** What is allowed but hardly meant, a sentence each. */
    public List<String> warnings() {
        Set<String> slugs = routes().stream().map(Route::slug).collect(Collectors.toCollection(TreeSet::new));
        Instant now = Instant.now();
        List<String> warnings = new ArrayList<>();
        for (String slug : slugs) {
            if (prices.of(slug, now) == null) {
                warnings.add("'" + slug + "' has no price now, so its calls are counted but cost nothing anyone knows:"
                        + " write one below gateway.catalog.prices");
            }
        }
        for (String slug : new TreeSet<>(prices.slugs())) {
            if (!slugs.contains(slug)) {
                warnings.add("gateway.catalog.prices." + slug + " is a price for a slug that no alias stands for");
            }
        }
        return warnings;
    }

    /** Every route there is. */
    public Collection<Route> routes() {
        List<Route> all = new ArrayList<>(routes.values());
        all.addAll(beginnings.values());
        return all;
    }
}

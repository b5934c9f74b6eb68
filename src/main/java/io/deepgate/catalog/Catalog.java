package io.deepgate.catalog;

import io.deepgate.access.Tenant;
import io.deepgate.catalog.CatalogProperties.UnknownModels;
import io.deepgate.catalog.CatalogProperties.UpstreamEntry;
import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds what a caller's word for a model stands for. */
public final class Catalog {

    private final Map<String, Route> routes = new LinkedHashMap<>();
    private final @Nullable Route unknown;

    /** @throws MissingUpstreamKeyException if an upstream has no key */
    public Catalog(CatalogProperties properties) {
        Map<String, Upstream> upstreams = new LinkedHashMap<>();
        properties.upstreams().forEach((name, entry) -> upstreams.put(name, upstream(name, entry)));
        properties
                .aliases()
                .forEach((alias, entry) ->
                        routes.put(alias, new Route(alias, entry.slug(), named(upstreams, entry.upstream()))));
        String slug = properties.defaultSlug();
        Route byDefault = routes.computeIfAbsent(
                slug, name -> new Route(name, slug, named(upstreams, CatalogProperties.DEFAULT_UPSTREAM)));
        unknown = properties.unknownModels() == UnknownModels.REJECT ? null : byDefault;
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
                entry.totalTimeout());
    }

    private static URI withoutSlash(URI url) {
        return URI.create(url.toString().replaceAll("/+$", ""));
    }

    /** @throws ModelNotFoundException if {@code model} stands for nothing, or for nothing this tenant may call */
    public Route route(Tenant tenant, String model) {
        Route route = routes.getOrDefault(model, unknown);
        if (route == null || !tenant.mayCall(model)) {
            throw new ModelNotFoundException(model);
        }
        return route;
    }

    /** The aliases that {@code tenant} may call, in the order of the configuration. */
    public List<String> aliases(Tenant tenant) {
        return routes.keySet().stream().filter(tenant::mayCall).toList();
    }

    /** Every route there is. */
    public Collection<Route> routes() {
        return routes.values();
    }
}

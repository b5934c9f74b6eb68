package io.deepgate.catalog;

import io.deepgate.access.Tenant;
import io.deepgate.api.RequestBody;
import io.deepgate.catalog.CatalogProperties.AliasEntry;
import io.deepgate.catalog.CatalogProperties.UnknownModels;
import io.deepgate.catalog.CatalogProperties.UpstreamEntry;
import io.deepgate.catalog.CatalogProperties.UserIds;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/** Finds what a caller's word for a model stands for. */
public final class Catalog implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Catalog.class);
    private static final String ANY_ENDING = "*";

    private final Map<String, Upstream> upstreams = new LinkedHashMap<>();
    private final Map<String, Alias> aliases = new LinkedHashMap<>();
    private final Map<String, Canary> canaries = new LinkedHashMap<>();
    private final Map<String, Shadowed> shadowed = new LinkedHashMap<>();
    private final Map<String, String> namedTenants = new LinkedHashMap<>();
    private final NavigableMap<String, Alias> beginnings = new TreeMap<>();
    private final @Nullable Alias unknown;
    private final Prices prices;
    private final Disposable watch;
    private final UserIds userIds;
    private final List<String> warnings;

    /**
     * @throws MissingUpstreamKeyException if an upstream has no key
     * @throws IllegalArgumentException if a price is malformed
     */
    public Catalog(CatalogProperties properties) {
        this(properties, List.of());
    }

    /** @param before those of the catalog before: a candidate that is the same is as far as it was */
    Catalog(CatalogProperties properties, Collection<Canary> before) {
        properties.upstreams().forEach((name, entry) -> upstreams.put(name, upstream(name, entry)));
        properties.aliases().forEach((name, entry) -> {
            Alias alias = alias(name, entry, before);
            if (name.endsWith(ANY_ENDING)) {
                beginnings.put(name.substring(0, name.length() - 1), alias);
            } else {
                aliases.put(name, alias);
            }
        });
        String slug = properties.defaultSlug();
        Upstream upstream = named(CatalogProperties.DEFAULT_UPSTREAM);
        Alias byDefault =
                aliases.computeIfAbsent(slug, name -> Alias.of(new Route(name, slug, upstream, Parameters.PLAIN)));
        unknown = properties.unknownModels() == UnknownModels.REJECT ? null : byDefault;
        prices = new Prices(properties.prices(), properties.peaks());
        watch = watched(upstreams.values().stream()
                .map(Upstream::keys)
                .filter(UpstreamKeys::fromFile)
                .toList());
        warnings = CatalogWarnings.of(properties, this);
        warnings.forEach(log::warn);
        userIds = properties.userId();
    }

    /** Reads files with keys again every second. */
    private static Disposable watched(List<UpstreamKeys> keys) {
        return keys.isEmpty()
                ? Disposables.disposed()
                : Schedulers.boundedElastic()
                        .schedulePeriodically(() -> keys.forEach(UpstreamKeys::readAgain), 1, 1, TimeUnit.SECONDS);
    }

    private Alias alias(String name, AliasEntry entry, Collection<Canary> before) {
        Candidate candidate = entry.candidate();
        Variant variant = candidate == null ? null : Variant.STABLE;
        List<Weighted> routes = new ArrayList<>();
        for (RouteEntry one : entry.allRoutes()) {
            String slug = Objects.requireNonNull(entry.slug(one));
            Route route = new Route(name, slug, named(entry.upstream(one)), entry.parameters(), variant);
            routes.add(new Weighted(route, one.priority(), one.weight(), Map.copyOf(one.tenants())));
        }
        String key = "gateway.catalog.aliases." + name;
        for (int i = 0; i < entry.routes().size(); i++) {
            name(
                    key + ".routes[" + i + "].tenants.",
                    entry.routes().get(i).tenants().keySet());
        }
        if (candidate == null) {
            return new Alias(routes, entry.stickyHeader(), null, null);
        }
        name(key + ".candidate.tenants.", candidate.tenants().keySet());
        String slug = Objects.requireNonNull(entry.slug(candidate));
        Upstream upstream = named(entry.upstream(candidate));
        Canary canary = new Canary(name, slug + " at " + upstream.name(), candidate);
        before.stream().filter(known -> known.name().equals(canary.name())).forEach(canary::as);
        canaries.put(name, canary);
        Route route = new Route(name, slug, upstream, entry.parameters(candidate), Variant.CANDIDATE);
        if (candidate.shadow().share() > 0) {
            shadowed.put(name, new Shadowed(route, candidate.shadow(), this));
        }
        return new Alias(routes, entry.stickyHeader(), canary, route);
    }

    private void name(String key, Set<String> tenants) {
        tenants.forEach(tenant -> namedTenants.put(key + tenant, tenant));
    }

    private Upstream named(String name) {
        return Objects.requireNonNull(upstreams.get(name));
    }

    private static Upstream upstream(String name, UpstreamEntry entry) {
        return new Upstream(
                name,
                withoutSlash(entry.baseUrl()),
                new UpstreamKeys(name, entry.keys(), entry.apiKeysFile()),
                Map.copyOf(entry.concurrency()),
                entry.connectTimeout(),
                entry.firstContentTimeout(),
                entry.idleTimeout(),
                entry.totalTimeout(),
                entry.usageWhenAsked(),
                entry.sendTrace(),
                entry.ignores() == null ? Heed.IGNORED_BY_DEEPSEEK : entry.ignores());
    }

    private static URI withoutSlash(URI url) {
        return URI.create(url.toString().replaceAll("/+$", ""));
    }

    /**
     * Where a call of {@code tenant} may go, the preferred route first; at least one. All calls of a conversation go the same
     * way, while the configuration stays as it is.
     *
     * @param headers the caller's
     * @throws ModelNotFoundException if the model stands for nothing, or for nothing this tenant may call
     */
    public List<Route> routes(Tenant tenant, RequestBody body, HttpHeaders headers) {
        String model = body.model();
        Alias alias = aliases.get(model);
        if (alias == null) {
            alias = beginning(model);
        }
        if (alias == null || !tenant.mayCall(model)) {
            throw new ModelNotFoundException(model);
        }
        return alias.routes(tenant, body, headers);
    }

    /** How far candidates have been let, by alias. */
    public Map<String, Canary> canaries() {
        return canaries;
    }

    /** The candidates that are asked some of stable's calls too, by alias. */
    public Map<String, Shadowed> shadowed() {
        return shadowed;
    }

    /** The longest alias that stands for any ending of its own, else that of unknown models. */
    private @Nullable Alias beginning(String model) {
        for (Map.Entry<String, Alias> entry = beginnings.floorEntry(model);
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
        return aliases.keySet().stream().filter(tenant::mayCall).toList();
    }

    /** What {@code slug} costs a call that began at {@code start}, or null if it has no price. */
    public @Nullable Price price(String slug, Instant start) {
        return prices.of(slug, start);
    }

    /** The same by the prices that are valid at {@code valid}, at peak or not as {@code start} is. */
    public @Nullable Price price(String slug, Instant valid, Instant start) {
        return prices.of(slug, valid, start);
    }

    /** What is allowed but hardly meant, a sentence each that begins with the property it is about. */
    public List<String> warnings() {
        return warnings;
    }

    /** The tenants that have weights or shares of their own, by the property that says so. */
    public Map<String, String> namedTenants() {
        return namedTenants;
    }

    /** What becomes of DeepSeek's {@code user_id}. */
    UserIds userIds() {
        return userIds;
    }

    /** Every route there is. */
    public Collection<Route> routes() {
        return Stream.concat(aliases.values().stream(), beginnings.values().stream())
                .flatMap(alias -> alias.all().stream())
                .toList();
    }

    public Collection<Upstream> upstreams() {
        return upstreams.values();
    }

    @Override
    public void close() {
        watch.dispose();
    }
}

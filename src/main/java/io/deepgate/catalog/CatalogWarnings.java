package io.deepgate.catalog;

import io.deepgate.catalog.CatalogProperties.AliasEntry;
import io.deepgate.catalog.CatalogProperties.UnknownModels;
import io.deepgate.catalog.Parameters.Thoughts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a catalog allows but hardly means, a sentence each that begins with the property it is about. */
final class CatalogWarnings {

    private static final String OURS = "gateway.catalog.";
    private static final String ANY = "*";

    private final CatalogProperties properties;
    private final Catalog catalog;
    private final List<String> all = new ArrayList<>();

    private CatalogWarnings(CatalogProperties properties, Catalog catalog) {
        this.properties = properties;
        this.catalog = catalog;
    }

    static List<String> of(CatalogProperties properties, Catalog catalog) {
        CatalogWarnings warnings = new CatalogWarnings(properties, catalog);
        warnings.prices();
        warnings.upstreams();
        properties.aliases().forEach(warnings::alias);
        if (properties.aliases().containsKey(ANY) && properties.unknownModels() == UnknownModels.REJECT) {
            warnings.add(
                    "unknown-models rejects nothing, since the alias '*' stands for every model: take one of them out");
        }
        return List.copyOf(warnings.all);
    }

    private void prices() {
        Map<String, Route> slugs = new TreeMap<>();
        catalog.routes().forEach(route -> slugs.putIfAbsent(route.slug(), route));
        Instant now = Instant.now();
        slugs.forEach((slug, route) -> {
            if (catalog.price(slug, now) == null) {
                String property =
                        properties.aliases().containsKey(route.alias()) ? "aliases." + route.alias() : "default-slug";
                add(property + ": '" + slug + "' has no price now, so its calls are counted but cost nothing anyone"
                        + " knows: write one below gateway.catalog.prices");
            }
        });
        for (String slug : new TreeSet<>(properties.prices().keySet())) {
            if (!slugs.containsKey(slug)) {
                add("prices." + slug + " is a price for a slug that no alias stands for");
            }
        }
        Set<String> peaks = properties.prices().values().stream()
                .flatMap(List::stream)
                .map(Price.Row::peak)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        new TreeSet<>(properties.peaks().keySet())
                .stream()
                        .filter(peak -> !peaks.contains(peak))
                        .forEach(peak -> add("peaks." + peak + " is the 'peak' of no price, so that it changes none"));
    }

    private void upstreams() {
        Set<String> names =
                catalog.routes().stream().map(route -> route.upstream().name()).collect(Collectors.toSet());
        Set<String> slugs = catalog.routes().stream()
                .map(route -> route.upstream().name() + "/" + route.slug())
                .collect(Collectors.toSet());
        for (Upstream upstream : catalog.upstreams()) {
            String key = "upstreams." + upstream.name();
            if (!names.contains(upstream.name())) {
                add(key + " is used by no alias, so that no call goes there");
            }
            for (String slug : new TreeSet<>(upstream.concurrency().keySet())) {
                if (!slugs.contains(upstream.name() + "/" + slug)) {
                    add(key + ".concurrency." + slug + " limits a slug that no alias stands for there");
                }
            }
        }
    }

    private void alias(String name, AliasEntry entry) {
        String key = "aliases." + name;
        if (name.indexOf('*') >= 0 && name.indexOf('*') < name.length() - 1) {
            add(key + " has a * that is a letter like others: it stands for any ending only at the end");
        }
        Thoughts force = entry.force();
        Thoughts defaults = entry.defaults();
        if (force.thinking() != null && defaults.thinking() != null) {
            add(key + ".defaults.thinking never counts, since force.thinking does: take one of them out");
        }
        if (force.reasoningEffort() != null && defaults.reasoningEffort() != null) {
            add(
                    key
                            + ".defaults.reasoning-effort never counts, since force.reasoning-effort does: take one of them out");
        }
        if (!entry.routes().isEmpty()
                && entry.slug() != null
                && entry.routes().stream().noneMatch(r -> r.slug() == null)) {
            add(key + ".slug never counts, since each of its routes has one of its own");
        }
        Candidate candidate = entry.candidate();
        if (candidate != null
                && candidate.share() == 0
                && candidate.shadow().share() == 0
                && candidate.steps().isEmpty()
                && candidate.tenants().values().stream().allMatch(share -> share == 0)) {
            add(key + ".candidate gets no conversation: write a share, or steps");
        }
        Shadowed shadowed = catalog.shadowed().get(name);
        if (shadowed != null && shadowed.shadow().tokensPerDay() == null && shadowed.price(Instant.now()) == null) {
            add(key + ".candidate.shadow asks nothing, since what it may cost is limited and '"
                    + shadowed.candidate().slug() + "' has no price: write tokens-per-day");
        }
        if (entry.stickyHeader() != null && candidate == null && entry.routes().size() < 2) {
            add(key + ".sticky-header never counts, since all conversations go the same way");
        }
        weights(key, entry.allRoutes());
    }

    private void weights(String key, List<RouteEntry> routes) {
        for (int i = 0; i < routes.size(); i++) {
            RouteEntry route = routes.get(i);
            boolean alone = routes.stream()
                            .filter(other -> other.priority() == route.priority())
                            .count()
                    == 1;
            if (alone && route.weight() > 1) {
                add(key + ".routes[" + i + "].weight never counts, since no other route has its priority");
            }
        }
    }

    private void add(String sentence) {
        all.add(OURS + sentence);
    }
}

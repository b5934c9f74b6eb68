package io.deepgate.watch;

import io.deepgate.access.Tenant;
import io.deepgate.access.TenantsFile;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** Rules that never apply as the rest of the configuration is, a sentence each; what one file alone says is not here. */
final class IdleRules {

    static final String BREAKERS = "resilience4j.circuitbreaker.";
    private static final Bindable<Map<String, Map<String, String>>> MAPS =
            Bindable.of(ResolvableType.forClassWithGenerics(
                    Map.class,
                    ResolvableType.forClass(String.class),
                    ResolvableType.forClassWithGenerics(Map.class, String.class, String.class)));
    private static final Set<String> CONFIGS = Set.of("default", "tenant");

    private final Catalog catalog;
    private final TenantsFile tenants;
    private final ConfigurableEnvironment environment;
    private final List<String> all = new ArrayList<>();

    private IdleRules(Catalog catalog, TenantsFile tenants, ConfigurableEnvironment environment) {
        this.catalog = catalog;
        this.tenants = tenants;
        this.environment = environment;
    }

    /** @param environment where places are looked up */
    static List<String> of(Catalog catalog, TenantsFile tenants, ConfigurableEnvironment environment) {
        IdleRules rules = new IdleRules(catalog, tenants, environment);
        rules.placeholder();
        rules.breakers();
        rules.aliases();
        rules.tenants();
        rules.shadows();
        rules.pairs();
        return rules.all;
    }

    private void placeholder() {
        catalog.routes().stream()
                .filter(route -> route.slug().equals(SlugCheck.PLACEHOLDER))
                .findFirst()
                .ifPresent(route -> all.add(String.valueOf(SlugCheck.reason(route, Set.of()))));
    }

    private void breakers() {
        Set<String> names = catalog.routes().stream()
                .map(route -> route.upstream().name() + "/" + route.slug())
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tenantsNames = tenants.current().all().stream()
                .flatMap(tenant -> names.stream().map(name -> tenant.id() + "/" + name))
                .collect(Collectors.toSet());
        Set<String> used = new TreeSet<>(CONFIGS);
        breakers("instances", environment).forEach((name, instance) -> {
            used.add(LibraryRules.base(instance));
            if (!names.contains(name) && !tenantsNames.contains(name)) {
                add(
                        BREAKERS + "instances." + name,
                        " is no breaker's name: write one of " + names
                                + ", in brackets and quotes, or such a one behind a tenant and a /");
            }
        });
        breakers("configs", environment).keySet().stream()
                .filter(name -> !used.contains(name))
                .forEach(name -> add(
                        BREAKERS + "configs." + name,
                        " is the base-config of no instance: 'default' is"
                                + " for upstreams' slugs, 'tenant' for each tenant's calls to them"));
    }

    /** The settings of Resilience4j's {@code configs} or {@code instances}, by name. */
    static Map<String, Map<String, String>> breakers(String kind, Environment environment) {
        return Binder.get(environment).bind(BREAKERS + kind, MAPS).orElse(Map.of());
    }

    private void aliases() {
        Set<String> names = catalog.routes().stream()
                .map(Route::alias)
                .filter(alias -> !alias.endsWith("*"))
                .collect(Collectors.toCollection(TreeSet::new));
        tenants.current().all().forEach(tenant -> names.removeIf(tenant::mayCall));
        if (!tenants.current().all().isEmpty()) {
            names.stream()
                    .map("gateway.catalog.aliases."::concat)
                    // Those that come with the gateway are not the operator's to take out.
                    .filter(property -> !Place.of(property, environment).isEmpty())
                    .forEach(property ->
                            add(property, " is an alias that no tenant may call: list it in the 'models' of one"));
        }
    }

    private void tenants() {
        Set<String> ids =
                tenants.current().all().stream().map(Tenant::id).collect(Collectors.toCollection(TreeSet::new));
        catalog.namedTenants().forEach((property, tenant) -> {
            if (!ids.contains(tenant)) {
                add(property, " is for a tenant that does not exist: write one of " + ids);
            }
        });
    }

    private void shadows() {
        if (tenants.current().all().stream().noneMatch(Tenant::shadowCalls)) {
            catalog.shadowed()
                    .keySet()
                    .forEach(alias -> add(
                            "gateway.catalog.aliases." + alias + ".candidate.shadow.share",
                            " samples nothing, since no tenant has 'shadow-calls: true'"));
        }
    }

    private void pairs() {
        String key = "gateway.shadow.pairs.key";
        if (environment.getProperty(key, "").isBlank()) {
            tenants.current().all().stream()
                    .filter(Tenant::keepShadowPairs)
                    .forEach(tenant -> all.add("tenant '" + tenant.id()
                            + "' has 'keep-shadow-pairs: true', but none are kept without " + key
                            + ": set it to 32 bytes in Base64"));
        }
    }

    private void add(String property, String sentence) {
        all.add(Place.of(property, environment) + property + sentence);
    }
}

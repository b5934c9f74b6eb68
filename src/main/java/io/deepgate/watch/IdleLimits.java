package io.deepgate.watch;

import io.deepgate.access.Tenant;
import io.deepgate.access.TenantsFile;
import io.deepgate.admission.AdmissionProperties;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a tenant may do that nobody can, as the rest of the configuration is, a sentence each. */
final class IdleLimits {

    private static final String ANY_ENDING = "*";

    private final TenantsFile tenants;
    private final Set<String> aliases;
    private final int claim;
    private final List<String> all = new ArrayList<>();

    private IdleLimits(TenantsFile tenants, Catalog catalog, AdmissionProperties admission) {
        this.tenants = tenants;
        this.aliases = catalog.routes().stream().map(Route::alias).collect(Collectors.toSet());
        this.claim = admission.completionClaim();
    }

    static List<String> of(TenantsFile tenants, Catalog catalog, AdmissionProperties admission) {
        IdleLimits limits = new IdleLimits(tenants, catalog, admission);
        tenants.current().all().forEach(limits::look);
        return limits.all;
    }

    private void look(Tenant tenant) {
        Long perMinute = tenant.limits().tokensPerMinute();
        if (perMinute != null && perMinute < claim) {
            add(
                    tenant,
                    "has " + perMinute + " tokens-per-minute, fewer than the " + claim
                            + " that gateway.admission.completion-claim takes for a call: each may wait for all of them");
        }
        Long perDay = tenant.budget().tokensPerDay();
        if (perDay != null && perMinute != null && perDay < perMinute) {
            add(tenant, "has " + perMinute + " tokens-per-minute, which its " + perDay + " tokens-per-day never reach");
        }
        Long day = tenant.budget().nanosPerDay();
        Long month = tenant.budget().nanosPerMonth();
        if (day != null && month != null && month < day) {
            add(tenant, "has a usd-per-day that its usd-per-month never reaches");
        }
        tenant.models().stream()
                .filter(model -> aliases.stream().noneMatch(alias -> meet(model, alias)))
                .forEach(
                        model -> add(tenant, "may call '" + model + "', which no alias in gateway.catalog stands for"));
    }

    /** Whether some word for a model is meant by both, of which each may stand for any ending. */
    private static boolean meet(String model, String alias) {
        String shorter = beginning(model).length() <= beginning(alias).length() ? model : alias;
        String longer = shorter.equals(model) ? alias : model;
        return shorter.endsWith(ANY_ENDING)
                ? beginning(longer).startsWith(beginning(shorter))
                : beginning(longer).equals(shorter);
    }

    private static String beginning(String pattern) {
        return pattern.endsWith(ANY_ENDING) ? pattern.substring(0, pattern.length() - 1) : pattern;
    }

    private void add(Tenant tenant, String sentence) {
        all.add(tenants.placeOf(tenant) + "tenant '" + tenant.id() + "' " + sentence);
    }
}

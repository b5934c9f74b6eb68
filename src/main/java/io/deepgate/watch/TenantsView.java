package io.deepgate.watch;

import io.deepgate.access.AccessKey;
import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.access.Tenants;
import io.deepgate.access.TenantsFile;
import io.micrometer.core.instrument.Statistic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the console shows of each tenant: what it may use, what it has used, and its keys without their secrets. */
final class TenantsView {

    private static final double NANOS = 1e9;

    /** Counts are since this gateway's start. */
    record TenantFigures(
            String id,
            double inFlight,
            double calls,
            double tokens,
            double dollars,
            double rejected,
            Limits limits,
            List<BudgetFigures> budgets,
            List<KeyFigures> keys) {}

    /** @param used the share of the limit that is spent, of all replicas */
    record BudgetFigures(String kind, double limit, double used) {}

    record KeyFigures(
            String id,
            @Nullable Instant created,
            @Nullable Instant expires,
            @Nullable Instant lastUse) {}

    private final Figures figures;
    private final TenantsFile tenants;
    private final LastUse lastUse;

    TenantsView(Figures figures, TenantsFile tenants, LastUse lastUse) {
        this.figures = figures;
        this.tenants = tenants;
        this.lastUse = lastUse;
    }

    List<TenantFigures> now() {
        Map<String, Double> inFlight = figures.by("tenant", "gateway.admission.in.flight", Statistic.VALUE);
        Map<String, Double> ended = figures.by("tenant", "gateway.usage.calls", Statistic.COUNT);
        Map<String, Double> tokens = figures.by("tenant", "gateway.usage.tokens", Statistic.COUNT);
        Map<String, Double> dollars = figures.by("tenant", "gateway.usage.cost", Statistic.COUNT);
        Map<String, Double> rejected = figures.by("tenant", "gateway.admission.rejected", Statistic.COUNT);
        Map<String, Double> spent = figures.by(
                id -> id.getTag("tenant") + "/" + id.getTag("budget"),
                "gateway.admission.budget.used",
                Statistic.VALUE);
        Tenants now = tenants.current();
        Map<String, List<KeyFigures>> keys = keys(now);
        return now.all().stream()
                .map(tenant -> new TenantFigures(
                        tenant.id(),
                        inFlight.getOrDefault(tenant.id(), 0.0),
                        ended.getOrDefault(tenant.id(), 0.0),
                        tokens.getOrDefault(tenant.id(), 0.0),
                        dollars.getOrDefault(tenant.id(), 0.0),
                        rejected.getOrDefault(tenant.id(), 0.0),
                        tenant.limits(),
                        budgets(tenant, spent),
                        keys.getOrDefault(tenant.id(), List.of())))
                .toList();
    }

    private static List<BudgetFigures> budgets(Tenant tenant, Map<String, Double> spent) {
        Budget budget = tenant.budget();
        List<BudgetFigures> budgets = new ArrayList<>(0);
        add(budgets, tenant, "usd-per-day", budget.nanosPerDay(), NANOS, spent);
        add(budgets, tenant, "usd-per-month", budget.nanosPerMonth(), NANOS, spent);
        add(budgets, tenant, "tokens-per-day", budget.tokensPerDay(), 1, spent);
        return budgets;
    }

    private static void add(
            List<BudgetFigures> budgets,
            Tenant tenant,
            String kind,
            @Nullable Long limit,
            double unit,
            Map<String, Double> spent) {
        if (limit != null) {
            double used = spent.getOrDefault(tenant.id() + "/" + kind, 0.0);
            budgets.add(new BudgetFigures(kind, limit / unit, used));
        }
    }

    private Map<String, List<KeyFigures>> keys(Tenants now) {
        Map<String, Instant> used = lastUse.keys();
        Map<String, List<KeyFigures>> keys = new HashMap<>();
        for (AccessKey key : now.keys()) {
            keys.computeIfAbsent(key.tenant(), tenant -> new ArrayList<>(1))
                    .add(new KeyFigures(key.id(), key.created(), key.expires(), used.get(key.id())));
        }
        return keys;
    }
}

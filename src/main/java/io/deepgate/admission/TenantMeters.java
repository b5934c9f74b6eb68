package io.deepgate.admission;

import io.deepgate.admission.LimitExceededException.Limit;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/** A tenant's meters, looked up once. */
final class TenantMeters {

    private final MeterRegistry registry;
    private final String tenant;
    private final Map<Limit, Counter> rejected;
    private final Map<Limit, Counter> shadowed;
    private final DistributionSummary over;
    private final DistributionSummary under;

    TenantMeters(MeterRegistry registry, String tenant, Supplier<Number> inFlight) {
        this.registry = registry;
        this.tenant = tenant;
        rejected = counters("gateway.admission.rejected", "Calls refused because a limit of the tenant was spent");
        shadowed = counters(
                "gateway.admission.shadowed",
                "Calls let through in shadow mode although a limit of the tenant was spent");
        over = drift("over");
        under = drift("under");
        Gauge.builder("gateway.admission.in.flight", inFlight)
                .description("Open calls")
                .tag("tenant", tenant)
                .strongReference(true)
                .register(registry);
    }

    private Map<Limit, Counter> counters(String name, String description) {
        Map<Limit, Counter> counters = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            counters.put(
                    limit,
                    Counter.builder(name)
                            .description(description)
                            .tag("tenant", tenant)
                            .tag("limit", limit.label())
                            .register(registry));
        }
        return counters;
    }

    private DistributionSummary drift(String claimed) {
        return DistributionSummary.builder("gateway.admission.drift")
                .description("Tokens by which the claim before a call missed what the call used")
                .baseUnit("tokens")
                .tag("tenant", tenant)
                .tag("claimed", claimed)
                .register(registry);
    }

    /**
     * Shows a budget, once.
     *
     * @param used the share that is spent, 1 for all
     * @param warned the highest share to warn at that is reached
     */
    void budget(BudgetKind kind, Supplier<Number> used, Supplier<Number> warned) {
        budgetGauge("gateway.admission.budget.used", "The share of the budget that is spent", kind, used);
        budgetGauge(
                "gateway.admission.budget.warning", "The highest share to warn at that is spent, else 0", kind, warned);
    }

    private void budgetGauge(String name, String description, BudgetKind kind, Supplier<Number> share) {
        Gauge.builder(name, share)
                .description(description)
                .tag("tenant", tenant)
                .tag("budget", kind.label())
                .strongReference(true)
                .register(registry);
    }

    void rejected(Limit limit) {
        Objects.requireNonNull(rejected.get(limit)).increment();
    }

    void shadowed(Limit limit) {
        Objects.requireNonNull(shadowed.get(limit)).increment();
    }

    /** @param tokens claimed minus used */
    void drifted(long tokens) {
        (tokens >= 0 ? over : under).record(Math.abs(tokens));
    }
}

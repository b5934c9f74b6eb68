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

    private final Map<Limit, Counter> rejected = new EnumMap<>(Limit.class);
    private final DistributionSummary over;
    private final DistributionSummary under;

    TenantMeters(MeterRegistry registry, String tenant, Supplier<Number> inFlight) {
        for (Limit limit : Limit.values()) {
            rejected.put(
                    limit,
                    Counter.builder("gateway.admission.rejected")
                            .description("Calls refused because a limit of the tenant was spent")
                            .tag("tenant", tenant)
                            .tag("limit", limit.label())
                            .register(registry));
        }
        over = drift(registry, tenant, "over");
        under = drift(registry, tenant, "under");
        Gauge.builder("gateway.admission.in.flight", inFlight)
                .description("Open calls")
                .tag("tenant", tenant)
                .strongReference(true)
                .register(registry);
    }

    private static DistributionSummary drift(MeterRegistry registry, String tenant, String claimed) {
        return DistributionSummary.builder("gateway.admission.drift")
                .description("Tokens by which the claim before a call missed what the call used")
                .baseUnit("tokens")
                .tag("tenant", tenant)
                .tag("claimed", claimed)
                .register(registry);
    }

    LimitExceededException rejected(LimitExceededException refusal) {
        Objects.requireNonNull(rejected.get(refusal.limit())).increment();
        return refusal;
    }

    /** @param tokens claimed minus used */
    void drifted(long tokens) {
        (tokens >= 0 ? over : under).record(Math.abs(tokens));
    }
}

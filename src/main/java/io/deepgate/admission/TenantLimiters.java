package io.deepgate.admission;

import io.deepgate.access.Tenant;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What this process knows of each tenant. */
final class TenantLimiters {

    private final Map<String, TenantLimiter> tenants = new ConcurrentHashMap<>();
    private final AdmissionProperties properties;
    private final Clocks clocks;
    private final MeterRegistry registry;

    TenantLimiters(AdmissionProperties properties, Clocks clocks, MeterRegistry registry) {
        this.properties = properties;
        this.clocks = clocks;
        this.registry = registry;
    }

    TenantLimiter of(Tenant tenant) {
        TenantLimiter known = tenants.get(tenant.id());
        return known != null
                ? known
                : tenants.computeIfAbsent(tenant.id(), id -> new TenantLimiter(id, properties, clocks, registry));
    }

    void restore(Tenant tenant, SpendHistory history) {
        TenantLimiter limiter = of(tenant);
        Map<Instant, Spent> recorded = new HashMap<>(2);
        limiter.windows(tenant)
                .forEach((kind, window) -> limiter.restore(
                        kind,
                        window,
                        recorded.computeIfAbsent(window.start(), from -> history.since(tenant.id(), from))));
    }
}

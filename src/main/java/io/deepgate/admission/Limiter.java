package io.deepgate.admission;

import io.deepgate.access.Tenant;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Admits the calls of all tenants, in this process's memory. */
public final class Limiter {

    private final Map<String, TenantLimiter> tenants = new ConcurrentHashMap<>();
    private final AdmissionProperties properties;
    private final Clocks clocks;
    private final MeterRegistry registry;

    Limiter(AdmissionProperties properties, Clocks clocks, MeterRegistry registry) {
        this.properties = properties;
        this.clocks = clocks;
        this.registry = registry;
    }

    /**
     * Opens a call, before its request is read: it counts as a concurrent request, and claims nothing else yet.
     *
     * @throws LimitExceededException if one of the tenant's limits is spent already
     */
    public Reservation open(Tenant tenant) {
        TenantLimiter limiter = limiterOf(tenant);
        limiter.open(tenant);
        return new Reservation(limiter, tenant);
    }

    /** The tenant's limits as they stand now. */
    public RateLimits rateLimits(Tenant tenant) {
        return limiterOf(tenant).rateLimits(tenant);
    }

    /** Learns from {@code history} what the tenant has spent of its budgets. Blocks as long as that does. */
    void restore(Tenant tenant, SpendHistory history) {
        TenantLimiter limiter = limiterOf(tenant);
        Map<Instant, Spent> recorded = new HashMap<>(2);
        limiter.windows(tenant)
                .forEach((kind, start) -> limiter.restore(
                        kind, start, recorded.computeIfAbsent(start, from -> history.since(tenant.id(), from))));
    }

    private TenantLimiter limiterOf(Tenant tenant) {
        return tenants.computeIfAbsent(tenant.id(), id -> new TenantLimiter(id, properties, clocks, registry));
    }
}

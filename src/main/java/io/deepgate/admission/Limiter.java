package io.deepgate.admission;

import io.deepgate.access.Tenant;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Admits the calls of all tenants, in this process's memory. */
public final class Limiter {

    private final Map<String, TenantLimiter> tenants = new ConcurrentHashMap<>();
    private final AdmissionProperties properties;
    private final LongSupplier nanoClock;
    private final MeterRegistry registry;

    /** @param nanoClock a monotonic clock, nanoseconds */
    public Limiter(AdmissionProperties properties, LongSupplier nanoClock, MeterRegistry registry) {
        this.properties = properties;
        this.nanoClock = nanoClock;
        this.registry = registry;
    }

    /**
     * Takes one request and one concurrent request.
     *
     * @throws LimitExceededException if one of the tenant's limits is spent
     */
    public Reservation admit(Tenant tenant) {
        TenantLimiter limiter = limiterOf(tenant);
        return new Reservation(limiter, limiter.open(tenant.limits()), properties.completionClaim());
    }

    /** The tenant's limits as they stand now. */
    public RateLimits rateLimits(Tenant tenant) {
        return limiterOf(tenant).rateLimits();
    }

    private TenantLimiter limiterOf(Tenant tenant) {
        return tenants.computeIfAbsent(tenant.id(), id -> new TenantLimiter(id, nanoClock, registry));
    }
}

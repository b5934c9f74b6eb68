package io.deepgate.admission;

import io.deepgate.access.Tenant;

/** Admits by what this process itself has admitted: for one replica. */
final class MemoryLimiter implements Limiter {

    private static final int ALONE = 1;

    private final TenantLimiters tenants;

    MemoryLimiter(TenantLimiters tenants) {
        this.tenants = tenants;
    }

    @Override
    public Reservation open(Tenant tenant) {
        TenantLimiter limiter = tenants.of(tenant);
        limiter.open(tenant, ALONE);
        return new MemoryReservation(limiter, tenant);
    }

    @Override
    public RateLimits rateLimits(Tenant tenant) {
        return tenants.of(tenant).rateLimits(tenant);
    }

    @Override
    public void restore(Tenant tenant, SpendHistory history) {
        tenants.restore(tenant, history);
    }
}

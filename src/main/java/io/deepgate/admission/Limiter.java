package io.deepgate.admission;

import io.deepgate.access.Tenant;

/** Admits the calls of all tenants. */
public interface Limiter {

    /**
     * Opens a call, before its request is read: it counts as one of this process's open calls, and claims nothing yet.
     *
     * @throws LimitExceededException if one of the tenant's limits is known to be spent
     */
    Reservation open(Tenant tenant);

    /** The tenant's limits as they stand now, as far as this process knows. */
    RateLimits rateLimits(Tenant tenant);

    /** Learns from {@code history} what the tenant has spent of its budgets. Blocks as long as that does. */
    void restore(Tenant tenant, SpendHistory history);
}

package io.deepgate.admission;

import io.deepgate.access.Tenant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What one call holds of its tenant's limits, from its opening until it is settled, once. */
public final class Reservation {

    private final TenantLimiter limiter;
    private final Tenant tenant;
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile @Nullable Claim claim;

    Reservation(TenantLimiter limiter, Tenant tenant) {
        this.limiter = limiter;
        this.tenant = tenant;
    }

    /**
     * Claims a request, and what the call will probably use of tokens and budgets.
     *
     * @param promptByBytes the prompt's tokens as its bytes suggest
     * @param maxTokens the completion tokens that the call asks for at most, 0 where it does not say
     * @throws LimitExceededException if a limit is spent
     */
    public void claim(long promptByBytes, long maxTokens) {
        claim = limiter.claim(tenant, promptByBytes, maxTokens);
    }

    /**
     * Ends the call: what was claimed too much goes back, what was used beyond becomes debt. Only the first settling
     * counts.
     */
    public void settle(Used used) {
        if (settled.compareAndSet(false, true)) {
            limiter.settle(claim, used);
        }
    }

    /** Ends a call that was refused before it used anything: all goes back, the request as well. */
    public void cancel() {
        if (settled.compareAndSet(false, true)) {
            limiter.cancel(claim);
        }
    }

    /** The tenant's limits as they stand now. */
    public RateLimits rateLimits() {
        return limiter.rateLimits(tenant);
    }
}

package io.deepgate.admission;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What one call holds of its tenant's limits, from its admission until it is settled, once. */
public final class Reservation {

    private final TenantLimiter limiter;
    private final @Nullable Bucket request;
    private final int completionClaim;
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile @Nullable Bucket tokens;
    private volatile long claimed;

    /** @param request the bucket that the call's request was taken from */
    Reservation(TenantLimiter limiter, @Nullable Bucket request, int completionClaim) {
        this.limiter = limiter;
        this.request = request;
        this.completionClaim = completionClaim;
    }

    /**
     * Claims the tokens that the call will probably use.
     *
     * @param promptTokens estimate of the prompt
     * @param maxTokens the completion tokens that the call asks for at most, 0 where it does not say
     * @throws LimitExceededException if they are not there
     */
    public void claim(long promptTokens, long maxTokens) {
        long completion = maxTokens > 0 ? Math.min(maxTokens, completionClaim) : completionClaim;
        long claim = promptTokens + completion;
        tokens = limiter.claim(claim);
        claimed = claim;
    }

    /**
     * Ends the call: what was claimed too much goes back, what was used beyond becomes debt. Only the first settling
     * counts.
     *
     * @param tokens prompt and completion tokens that were used
     */
    public void settle(long tokens) {
        if (settled.compareAndSet(false, true)) {
            limiter.settle(this.tokens, claimed, tokens);
        }
    }

    /** Ends a call that was refused before it used anything: all goes back, the request as well. */
    public void cancel() {
        if (settled.compareAndSet(false, true)) {
            limiter.cancel(request, tokens, claimed);
        }
    }

    /** The tenant's limits as they stand now. */
    public RateLimits rateLimits() {
        return limiter.rateLimits();
    }
}

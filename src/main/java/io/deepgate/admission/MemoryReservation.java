package io.deepgate.admission;

import io.deepgate.access.Tenant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A reservation in this process's memory; it is decided at once, and its claim is complete when it is returned. */
final class MemoryReservation implements Reservation {

    private static final int ALONE = 1;

    private final TenantLimiter limiter;
    private final Tenant tenant;
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile @Nullable Claim claim;

    MemoryReservation(TenantLimiter limiter, Tenant tenant) {
        this.limiter = limiter;
        this.tenant = tenant;
    }

    @Override
    public Mono<Void> claim(long promptByBytes, long maxTokens, ScheduledExecutorService loop) {
        try {
            claim = limiter.claim(tenant, promptByBytes, maxTokens, ALONE);
            return Mono.empty();
        } catch (LimitExceededException e) {
            return Mono.error(e);
        }
    }

    @Override
    public void settle(Used used) {
        if (settled.compareAndSet(false, true)) {
            limiter.settle(claim, used);
        }
    }

    @Override
    public void cancel() {
        if (settled.compareAndSet(false, true)) {
            limiter.cancel(claim);
        }
    }

    @Override
    public RateLimits rateLimits() {
        return limiter.rateLimits(tenant);
    }
}

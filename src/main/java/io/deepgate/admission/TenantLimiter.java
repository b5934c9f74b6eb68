package io.deepgate.admission;

import io.deepgate.access.Limits;
import io.deepgate.admission.LimitExceededException.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One tenant's buckets and open calls. Every decision is one step under one lock: a refusal claims nothing. */
final class TenantLimiter {

    private static final Duration SLOT_WAIT = Duration.ofSeconds(1);

    private final LongSupplier nanoClock;
    private final TenantMeters meters;
    private Limits limits = Limits.NONE;
    private @Nullable Bucket requests;
    private @Nullable Bucket tokens;
    private long inFlight;

    TenantLimiter(String tenant, LongSupplier nanoClock, MeterRegistry registry) {
        this.nanoClock = nanoClock;
        this.meters = new TenantMeters(registry, tenant, this::inFlight);
    }

    /** Starts a new bucket for each limit that is no longer the one that its bucket was made for. */
    private void adopt(Limits now) {
        if (!Objects.equals(now.requestsPerMinute(), limits.requestsPerMinute())) {
            requests = bucket(now.requestsPerMinute());
        }
        if (!Objects.equals(now.tokensPerMinute(), limits.tokensPerMinute())) {
            tokens = bucket(now.tokensPerMinute());
        }
        limits = now;
    }

    private @Nullable Bucket bucket(@Nullable Long perMinute) {
        return perMinute == null ? null : new Bucket(perMinute, nanoClock.getAsLong());
    }

    /** Returns the bucket that the request was taken from, null if it is not limited. */
    synchronized @Nullable Bucket open(Limits now) {
        adopt(now);
        Long most = limits.concurrentRequests();
        if (most != null && inFlight >= most) {
            throw meters.rejected(new LimitExceededException(
                    Limit.CONCURRENCY,
                    "All " + most + " concurrent requests of this tenant are in flight. Wait for one to end.",
                    SLOT_WAIT));
        }
        // A tenant in debt is refused here, before it uploads a prompt that could not be admitted.
        require(tokens, 1, Limit.TOKENS);
        require(requests, 1, Limit.REQUESTS);
        take(requests, 1);
        inFlight++;
        return requests;
    }

    /** Returns the bucket that the tokens were taken from, null if they are not limited. */
    synchronized @Nullable Bucket claim(long units) {
        require(tokens, units, Limit.TOKENS);
        take(tokens, units);
        return tokens;
    }

    /**
     * @param from where {@code claimed} was taken, and so where it is settled: a bucket that came after it, for a limit
     *     that has changed, never held it
     */
    synchronized void settle(@Nullable Bucket from, long claimed, long used) {
        take(from, used - claimed);
        inFlight--;
        meters.drifted(claimed - used);
    }

    synchronized void cancel(@Nullable Bucket request, @Nullable Bucket from, long claimed) {
        take(from, -claimed);
        take(request, -1);
        inFlight--;
    }

    synchronized long inFlight() {
        return inFlight;
    }

    synchronized RateLimits rateLimits() {
        return new RateLimits(window(requests), window(tokens));
    }

    private RateLimits.Window window(@Nullable Bucket bucket) {
        if (bucket == null) {
            return RateLimits.Window.UNLIMITED;
        }
        long now = nanoClock.getAsLong();
        return new RateLimits.Window(bucket.perMinute(), bucket.units(now), bucket.nanosUntil(bucket.perMinute(), now));
    }

    private void require(@Nullable Bucket bucket, long units, Limit limit) {
        if (bucket == null) {
            return;
        }
        long wait = bucket.nanosUntil(units, nanoClock.getAsLong());
        if (wait > 0) {
            String unit = limit.label();
            throw meters.rejected(new LimitExceededException(
                    limit,
                    "Rate limit reached: this tenant has " + bucket.perMinute() + " " + unit
                            + " per minute and asked for " + units
                            + " more. Try again after the time that retry-after gives.",
                    Duration.ofNanos(wait)));
        }
    }

    private void take(@Nullable Bucket bucket, long units) {
        if (bucket != null && units != 0) {
            bucket.take(units, nanoClock.getAsLong());
        }
    }
}

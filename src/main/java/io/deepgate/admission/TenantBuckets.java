package io.deepgate.admission;

import io.deepgate.access.Limits;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One tenant's buckets, each made for the limit that holds now. Not thread-safe. */
final class TenantBuckets {

    private final LongSupplier nanos;
    private Limits limits = Limits.NONE;
    private @Nullable Bucket requests;
    private @Nullable Bucket tokens;

    /** @param nanos a monotonic clock */
    TenantBuckets(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Starts a new bucket for each limit that is no longer the one that its bucket was made for. */
    void adopt(Limits now) {
        if (now.equals(limits)) {
            return;
        }
        if (!Objects.equals(now.requestsPerMinute(), limits.requestsPerMinute())) {
            requests = bucket(now.requestsPerMinute());
        }
        if (!Objects.equals(now.tokensPerMinute(), limits.tokensPerMinute())) {
            tokens = bucket(now.tokensPerMinute());
        }
        limits = now;
    }

    private @Nullable Bucket bucket(@Nullable Long perMinute) {
        return perMinute == null ? null : new Bucket(perMinute, nanos.getAsLong());
    }

    Limits limits() {
        return limits;
    }

    @Nullable
    Bucket requests() {
        return requests;
    }

    @Nullable
    Bucket tokens() {
        return tokens;
    }

    /** Nanoseconds until {@code units} are there, 0 if they are or where there is no limit. */
    long nanosUntil(@Nullable Bucket bucket, long units) {
        return bucket == null ? 0 : bucket.nanosUntil(units, nanos.getAsLong());
    }

    /** Takes units out of a bucket that was this tenant's when they were claimed, or puts them back. */
    void take(@Nullable Bucket bucket, long units) {
        if (bucket != null && units != 0) {
            bucket.take(units, nanos.getAsLong());
        }
    }

    /** Takes over how another store's buckets stand, which were those of {@code claim}. */
    void learn(Claim claim, LimitState state) {
        long now = nanos.getAsLong();
        if (requests != null && requests == claim.requests()) {
            requests.set(state.requests(), now);
        }
        if (tokens != null && tokens == claim.tokens()) {
            tokens.set(state.tokens(), now);
        }
    }

    /** As answers show it. */
    RateLimits.Window window(@Nullable Bucket bucket) {
        if (bucket == null) {
            return RateLimits.Window.UNLIMITED;
        }
        long now = nanos.getAsLong();
        return new RateLimits.Window(bucket.perMinute(), bucket.units(now), bucket.nanosUntil(bucket.perMinute(), now));
    }
}

package io.deepgate.admission;

import io.deepgate.access.Limits;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One tenant's buckets, each made for the limit that holds now. Not thread-safe; {@code now} is in nanoseconds of a monotonic
 * clock.
 */
final class TenantBuckets {

    private Limits limits = Limits.NONE;
    private @Nullable Bucket requests;
    private @Nullable Bucket tokens;

    /** Starts a new bucket for each limit that is no longer the one that its bucket was made for. */
    void adopt(Limits configured, long now) {
        if (configured.equals(limits)) {
            return;
        }
        if (!Objects.equals(configured.requestsPerMinute(), limits.requestsPerMinute())) {
            requests = bucket(configured.requestsPerMinute(), now);
        }
        if (!Objects.equals(configured.tokensPerMinute(), limits.tokensPerMinute())) {
            tokens = bucket(configured.tokensPerMinute(), now);
        }
        limits = configured;
    }

    private static @Nullable Bucket bucket(@Nullable Long perMinute, long now) {
        return perMinute == null ? null : new Bucket(perMinute, now);
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

    /** Takes over how another store's buckets stand, which were those of {@code claim}. */
    void learn(Claim claim, LimitState state, long now) {
        if (requests != null && requests == claim.requests()) {
            requests.set(state.requests(), now);
        }
        if (tokens != null && tokens == claim.tokens()) {
            tokens.set(state.tokens(), now);
        }
    }

    /** As answers show it. */
    static RateLimits.Window window(@Nullable Bucket bucket, long now) {
        if (bucket == null) {
            return RateLimits.Window.UNLIMITED;
        }
        return new RateLimits.Window(bucket.perMinute(), bucket.units(now), bucket.nanosUntil(bucket.perMinute(), now));
    }
}

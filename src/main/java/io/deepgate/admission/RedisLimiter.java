package io.deepgate.admission;

import io.deepgate.access.Tenant;
import io.deepgate.admission.AdmissionProperties.Redis.Unavailable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Admits by what all replicas have admitted, as Redis counts it; while Redis fails, by this replica's share. */
final class RedisLimiter implements Limiter {

    /** What Redis said longer ago is no reason to refuse. */
    private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final TenantLimiters tenants;
    private final RedisCalls redis;
    private final RedisState state;
    private final Replica replica;
    private final AdmissionProperties.Redis properties;

    RedisLimiter(
            TenantLimiters tenants,
            RedisCalls redis,
            RedisState state,
            Replica replica,
            AdmissionProperties.Redis properties) {
        this.tenants = tenants;
        this.redis = redis;
        this.state = state;
        this.replica = replica;
        this.properties = properties;
    }

    @Override
    public Reservation open(Tenant tenant) {
        TenantLimiter local = tenants.of(tenant);
        boolean usable = state.isUsable();
        if (!usable && properties.unavailable() == Unavailable.SHARE) {
            local.open(tenant, replica.replicas());
        } else if (usable && local.knows(KNOWN_NANOS)) {
            local.open(tenant, 1);
        } else {
            local.enter(tenant);
        }
        return new RedisReservation(this, local, tenant);
    }

    /**
     * Decides without Redis, by the configured policy.
     *
     * @return what was taken, or null if nothing is counted
     */
    @Nullable
    Claim claimHere(TenantLimiter local, Tenant tenant, long promptByBytes, long maxTokens) {
        state.decidesNot();
        return switch (properties.unavailable()) {
            case SHARE -> {
                local.requirePlace(tenant, replica.replicas(), KNOWN_NANOS);
                yield local.claim(tenant, promptByBytes, maxTokens, replica.replicas());
            }
            case OPEN -> null;
            case CLOSED -> throw new LimitsUnknownException();
        };
    }

    @Override
    public RateLimits rateLimits(Tenant tenant) {
        return tenants.of(tenant).rateLimits(tenant);
    }

    @Override
    public void restore(Tenant tenant, SpendHistory history) {
        tenants.restore(tenant, history);
        if (state.isUsable()) {
            TenantLimiter local = tenants.of(tenant);
            var windows = local.windows(tenant);
            redis.restore(tenant.id(), windows, local.spent(windows));
        }
    }

    long timeoutNanos() {
        return properties.timeout().toNanos();
    }

    RedisCalls redis() {
        return redis;
    }

    RedisState state() {
        return state;
    }

    Replica replica() {
        return replica;
    }
}

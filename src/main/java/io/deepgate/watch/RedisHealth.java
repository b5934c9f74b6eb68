package io.deepgate.watch;

import io.deepgate.admission.RedisState;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Shows whether limits are counted in Redis. Health stays up: without it calls are admitted by the configured policy. */
final class RedisHealth implements HealthIndicator {

    private final RedisState state;

    RedisHealth(RedisState state) {
        this.state = state;
    }

    @Override
    public Health health() {
        return Health.up().withDetail("usable", state.isUsable()).build();
    }
}

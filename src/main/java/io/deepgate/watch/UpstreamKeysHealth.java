package io.deepgate.watch;

import io.deepgate.forward.Keyring;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Shows which upstreams refuse keys of ours. Health stays up: other keys and upstreams serve, and no restart mends it. */
final class UpstreamKeysHealth implements HealthIndicator {

    private final Keyring keyring;

    UpstreamKeysHealth(Keyring keyring) {
        this.keyring = keyring;
    }

    @Override
    public Health health() {
        return Health.up().withDetail("resting", keyring.resting()).build();
    }
}

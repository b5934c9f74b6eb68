package io.deepgate.forward;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How upstreams are connected to. Circuit breakers are configured under {@code resilience4j.circuitbreaker}: the
 * configuration {@code default} for an upstream's slug, {@code tenant} for one tenant's calls to it.
 *
 * @param maxConnections connections per upstream, at least 1; HTTP/1.1 takes one for each open call
 * @param maxIdle how long an unused connection is kept, at least 1 s; shorter than the upstream keeps it
 */
@ConfigurationProperties("gateway.forward")
public record ForwardProperties(
        @DefaultValue("3000") int maxConnections,
        @DefaultValue("30s") Duration maxIdle) {

    public ForwardProperties {
        if (maxConnections < 1) {
            throw new IllegalArgumentException(
                    "gateway.forward.max-connections is " + maxConnections + ": write 1 or more");
        }
        if (maxIdle.toSeconds() < 1) {
            throw new IllegalArgumentException("gateway.forward.max-idle is " + maxIdle + ": write 1s or more");
        }
    }
}

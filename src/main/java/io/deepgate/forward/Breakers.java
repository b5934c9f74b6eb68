package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Two circuit breakers before every attempt: one for the upstream and slug, and in front of it one for this tenant's
 * calls to them. The tenant's needs fewer failures to open, so that calls of one tenant that fail by themselves are
 * stopped there before they open the breaker of all.
 */
final class Breakers {

    private static final String TENANT_CONFIG = "tenant";

    private record Key(String tenant, String upstream, String slug) {}

    private record Pair(CircuitBreaker tenant, CircuitBreaker upstream) {}

    private final Map<Key, Pair> pairs = new ConcurrentHashMap<>();
    private final CircuitBreakerRegistry registry;

    Breakers(CircuitBreakerRegistry registry) {
        this.registry = registry;
    }

    /** @throws CircuitOpenException if either breaker is open */
    Permit acquire(String tenant, Route route) {
        Pair pair = pairs.computeIfAbsent(new Key(tenant, route.upstream().name(), route.slug()), this::pair);
        if (!pair.tenant.tryAcquirePermission()) {
            throw new CircuitOpenException(route.slug(), waitOf(pair.tenant));
        }
        if (!pair.upstream.tryAcquirePermission()) {
            pair.tenant.releasePermission();
            throw new CircuitOpenException(route.slug(), waitOf(pair.upstream));
        }
        return new Permit(pair.tenant, pair.upstream);
    }

    private Pair pair(Key key) {
        String shared = key.upstream + "/" + key.slug;
        return new Pair(
                registry.circuitBreaker(key.tenant + "/" + shared, TENANT_CONFIG), registry.circuitBreaker(shared));
    }

    private static Duration waitOf(CircuitBreaker breaker) {
        return Duration.ofMillis(breaker.getCircuitBreakerConfig()
                .getWaitIntervalFunctionInOpenState()
                .apply(1));
    }
}

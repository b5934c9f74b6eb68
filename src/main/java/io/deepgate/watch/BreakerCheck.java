package io.deepgate.watch;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Shows the circuit breakers that are not closed as a detail of health, which stays up: other upstreams work. */
final class BreakerCheck implements HealthIndicator {

    private final CircuitBreakerRegistry breakers;

    BreakerCheck(CircuitBreakerRegistry breakers) {
        this.breakers = breakers;
    }

    @Override
    public Health health() {
        Map<String, CircuitBreaker.State> details = new TreeMap<>();
        breakers.getAllCircuitBreakers().stream()
                .filter(breaker -> breaker.getState() != CircuitBreaker.State.CLOSED)
                .forEach(breaker -> details.put(breaker.getName(), breaker.getState()));
        return Health.up().withDetail("notClosed", details).build();
    }
}

package io.deepgate.forward;

import io.github.resilience4j.circuitbreaker.event.CircuitBreakerEvent;
import io.github.resilience4j.consumer.CircularEventConsumer;
import io.github.resilience4j.consumer.DefaultEventConsumerRegistry;

/**
 * Keeps no events of circuit breakers, where Resilience4j's starter keeps the last hundred of each: every call would be two
 * of them, and live on for a hundred calls of its tenant.
 */
final class NoBreakerEvents extends DefaultEventConsumerRegistry<CircuitBreakerEvent> {

    private static final CircularEventConsumer<CircuitBreakerEvent> NONE = new CircularEventConsumer<>(1) {
        @Override
        public void consumeEvent(CircuitBreakerEvent event) {}
    };

    @Override
    public CircularEventConsumer<CircuitBreakerEvent> createEventConsumer(String breaker, int most) {
        return NONE;
    }
}

package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepgate.catalog.Parameters;
import io.deepgate.catalog.Route;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BreakersTests {

    private static final Route FLASH = Attempt.route(Duration.ofSeconds(1));
    private static final Route PRO = new Route("pro", "deepseek-v4-pro", FLASH.upstream(), Parameters.PLAIN);

    private final CircuitBreakerRegistry registry =
            CircuitBreakerRegistry.of(Map.of("default", config(6, 60), "tenant", config(2, 30)));
    private final Breakers breakers = new Breakers(registry);

    @Test
    void namesThemByTenantUpstreamAndSlug() {
        breakers.acquire("search", FLASH).release();

        assertThat(registry.getAllCircuitBreakers())
                .extracting(CircuitBreaker::getName)
                .containsExactlyInAnyOrder("search/deepseek/deepseek-flash", "deepseek/deepseek-flash");
    }

    @Test
    void stopsATenantWhoseCallsFailBeforeItStopsAll() {
        fail("search", FLASH, 2);

        assertThatExceptionOfType(CircuitOpenException.class)
                .isThrownBy(() -> breakers.acquire("search", FLASH))
                .withMessageContaining("'deepseek-flash'")
                .satisfies(open -> assertThat(open.retryAfter()).isEqualTo(Duration.ofSeconds(30)))
                .satisfies(open -> assertThat(open.getStackTrace()).isEmpty());
        assertThat(breaker("deepseek/deepseek-flash").getState()).isEqualTo(State.CLOSED);
        breakers.acquire("mail", FLASH).succeeded();
        breakers.acquire("search", PRO).succeeded();
    }

    @Test
    void stopsAllWhenTheCallsOfManyFail() {
        fail("search", FLASH, 2);
        fail("mail", FLASH, 2);
        fail("chat", FLASH, 2);

        assertThatExceptionOfType(CircuitOpenException.class)
                .isThrownBy(() -> breakers.acquire("other", FLASH))
                .satisfies(open -> assertThat(open.retryAfter()).isEqualTo(Duration.ofSeconds(60)));
        breakers.acquire("other", PRO).succeeded();
    }

    @Test
    void tellsTheTenantsBreakerNothingOfCallsThatTheOtherStops() {
        breakers.acquire("search", FLASH).release();
        CircuitBreaker tenant = breaker("search/deepseek/deepseek-flash");
        tenant.transitionToOpenState();
        tenant.transitionToHalfOpenState();
        breaker("deepseek/deepseek-flash").transitionToOpenState();

        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(CircuitOpenException.class)
                    .isThrownBy(() -> breakers.acquire("search", FLASH))
                    .satisfies(open -> assertThat(open.retryAfter()).isEqualTo(Duration.ofSeconds(60)));
        }

        assertThat(tenant.tryAcquirePermission()).as("the one probe").isTrue();
    }

    @Test
    void closesAgainAfterAProbeThatSucceeds() {
        fail("search", FLASH, 2);
        breaker("search/deepseek/deepseek-flash").transitionToHalfOpenState();

        breakers.acquire("search", FLASH).succeeded();

        assertThat(breaker("search/deepseek/deepseek-flash").getState()).isEqualTo(State.CLOSED);
    }

    private void fail(String tenant, Route route, int times) {
        for (int i = 0; i < times; i++) {
            breakers.acquire(tenant, route).failed(new RuntimeException());
        }
    }

    private CircuitBreaker breaker(String name) {
        return registry.find(name).orElseThrow();
    }

    private static CircuitBreakerConfig config(int calls, int openSeconds) {
        return CircuitBreakerConfig.custom()
                .slidingWindowSize(calls)
                .minimumNumberOfCalls(calls)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitDurationInOpenState(Duration.ofSeconds(openSeconds))
                .build();
    }
}

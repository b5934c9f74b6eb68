package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermitTests {

    private final CircuitBreaker tenant = breaker("tenant");
    private final CircuitBreaker upstream = breaker("upstream");

    @Test
    void tellsBothOfSuccess() {
        Permit permit = acquired();

        permit.succeeded();

        isTold(tenant, 1, 0);
        isTold(upstream, 1, 0);
    }

    @Test
    void tellsBothOfFailure() {
        Permit permit = acquired();

        permit.failed(new RuntimeException());

        isTold(tenant, 0, 1);
        isTold(upstream, 0, 1);
    }

    @Test
    void tellsNothingWhenItIsReleased() {
        Permit permit = acquired();

        permit.release();

        isTold(tenant, 0, 0);
        isTold(upstream, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"succeeded", "failed", "release"})
    void isSettledOnce(String first) {
        Permit permit = acquired();
        settle(permit, first);
        int successes = first.equals("succeeded") ? 1 : 0;
        int failures = first.equals("failed") ? 1 : 0;

        settle(permit, "succeeded");
        settle(permit, "failed");
        settle(permit, "release");

        isTold(tenant, successes, failures);
        isTold(upstream, successes, failures);
    }

    @Test
    void givesAProbeBackThatTellsNothing() {
        tenant.transitionToOpenState();
        tenant.transitionToHalfOpenState();
        upstream.transitionToOpenState();
        upstream.transitionToHalfOpenState();
        Permit permit = acquired();
        assertThat(tenant.tryAcquirePermission()).as("one probe at a time").isFalse();

        permit.release();
        permit.release();

        assertThat(tenant.tryAcquirePermission()).isTrue();
        assertThat(upstream.tryAcquirePermission()).isTrue();
        assertThat(tenant.tryAcquirePermission()).isFalse();
    }

    private Permit acquired() {
        assertThat(tenant.tryAcquirePermission()).isTrue();
        assertThat(upstream.tryAcquirePermission()).isTrue();
        return new Permit(tenant, upstream);
    }

    private static void settle(Permit permit, String how) {
        switch (how) {
            case "succeeded" -> permit.succeeded();
            case "failed" -> permit.failed(new RuntimeException());
            default -> permit.release();
        }
    }

    private static void isTold(CircuitBreaker breaker, int successes, int failures) {
        assertThat(breaker.getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(successes);
        assertThat(breaker.getMetrics().getNumberOfFailedCalls()).isEqualTo(failures);
    }

    private static CircuitBreaker breaker(String name) {
        return CircuitBreaker.of(
                name,
                CircuitBreakerConfig.custom()
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .build());
    }
}

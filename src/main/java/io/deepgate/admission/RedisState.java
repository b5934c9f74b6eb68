package io.deepgate.admission;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether Redis is asked: not while it fails or is slow, by a breaker of its own. Each change is one log line. */
public final class RedisState {

    private static final Logger log = LoggerFactory.getLogger(RedisState.class);
    private static final Duration BEFORE_A_PROBE = Duration.ofMillis(500);
    private static final Duration[] BUCKETS = LongStream.of(250, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 250_000)
            .mapToObj(micros -> Duration.ofNanos(micros * 1000))
            .toArray(Duration[]::new);

    private final CircuitBreaker breaker = CircuitBreaker.of(
            "admission",
            CircuitBreakerConfig.custom()
                    .slidingWindowSize(20)
                    .minimumNumberOfCalls(5)
                    .failureRateThreshold(50)
                    .waitDurationInOpenState(BEFORE_A_PROBE)
                    .permittedNumberOfCallsInHalfOpenState(1)
                    .build());
    private final AtomicBoolean fallback = new AtomicBoolean();
    private final AdmissionProperties.Redis.Unavailable policy;
    private final Counter undecided;
    private final Timer answered;
    private final Timer failed;

    RedisState(AdmissionProperties.Redis.Unavailable policy, MeterRegistry registry) {
        this.policy = policy;
        undecided = Counter.builder("gateway.admission.undecided")
                .description("Calls that were decided without Redis, because it failed or was late")
                .register(registry);
        Gauge.builder("gateway.admission.fallback", fallback, on -> on.get() ? 1 : 0)
                .description("1 while calls are admitted without Redis")
                .register(registry);
        Gauge.builder("gateway.admission.redis.breaker.open", this, state -> state.isUsable() ? 0 : 1)
                .description("1 while the breaker before Redis is not closed")
                .register(registry);
        answered = duration("answered", registry);
        failed = duration("failed", registry);
    }

    private static Timer duration(String result, MeterRegistry registry) {
        return Timer.builder("gateway.admission.redis.duration")
                .description("How long calls waited for Redis, until it answered or they were decided without it")
                .serviceLevelObjectives(BUCKETS)
                .tag("result", result)
                .register(registry);
    }

    /** Whether a call may ask. */
    public boolean isUsable() {
        return breaker.getState() == State.CLOSED;
    }

    /** A call is decided without Redis. */
    void decidesNot() {
        undecided.increment();
    }

    /** Whether something that no call waits for may try. */
    boolean mayProbe() {
        return breaker.getState() == State.CLOSED || breaker.tryAcquirePermission();
    }

    /** A call was decided by Redis. */
    void answered(long nanos) {
        answered.record(nanos, TimeUnit.NANOSECONDS);
        works(nanos);
    }

    /** A call waited in vain. */
    void failed(long nanos, Throwable failure) {
        failed.record(nanos, TimeUnit.NANOSECONDS);
        failsFor(nanos, failure);
    }

    /** Redis has answered something that no call waited for. */
    void works(long nanos) {
        breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
        if (isUsable() && fallback.compareAndSet(true, false)) {
            log.info("Redis answers again: limits hold across replicas");
        }
    }

    /** It has not. */
    void failsFor(long nanos, Throwable failure) {
        breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
        if (!isUsable()) {
            fallBack(failure);
        }
    }

    /** There is no connection at all. */
    void unreachable(Throwable failure) {
        if (isUsable()) {
            breaker.transitionToOpenState();
        }
        fallBack(failure);
    }

    private void fallBack(Throwable failure) {
        if (fallback.compareAndSet(false, true)) {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            log.warn("Redis fails ({}): until it answers, {}", cause.getMessage(), policy.means());
        }
    }
}

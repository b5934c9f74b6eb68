package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.DefaultEventLoop;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many threads, one clock that stands still: the sums must be right to the unit. */
class MemoryLimiterThreadsTests {

    /** Nothing waits here. */
    private static final ScheduledExecutorService LOOP = new DefaultEventLoop();

    private static final int THREADS = 8;
    private static final int EACH = 2000;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Limiter limiter = new MemoryLimiter(new TenantLimiters(
            AdmissionPropertiesTests.claiming(10), new Clocks(() -> 42, InstantSource.system()), registry));

    @AfterEach
    void stops() {
        threads.shutdownNow();
    }

    @Test
    void admitsNoMoreRequestsThanTheLimit() throws Exception {
        Tenant tenant = tenant(new Limits(1000L, null, null));
        AtomicInteger admitted = new AtomicInteger();

        together(() -> {
            if (admitted(tenant) != null) {
                admitted.incrementAndGet();
            }
        });

        assertThat(admitted).hasValue(1000);
    }

    @Test
    void hasNoMoreInFlightThanTheLimit() throws Exception {
        Tenant tenant = tenant(new Limits(null, null, 3L));
        AtomicInteger open = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger admitted = new AtomicInteger();

        together(() -> {
            Reservation call = admitted(tenant);
            if (call != null) {
                admitted.incrementAndGet();
                most.accumulateAndGet(open.incrementAndGet(), Math::max);
                Thread.yield();
                open.decrementAndGet();
                call.settle(new Used(0, 0, false, null));
            }
        });

        assertThat(most.get()).isBetween(1, 3);
        assertThat(admitted.get()).isPositive();
        assertThat(inFlight()).isZero();
    }

    @Test
    void claimsNoMoreTokensThanTheLimit() throws Exception {
        Tenant tenant = tenant(new Limits(null, 50_000L, null));
        AtomicLong claimed = new AtomicLong();

        together(() -> {
            if (opened(tenant, 7, 3) != null) {
                claimed.addAndGet(10);
            }
        });

        assertThat(claimed).hasValue(50_000);
        assertThat(limiter.rateLimits(tenant).tokens().remaining()).isZero();
        assertThat(inFlight()).isEqualTo(5000);
    }

    @Test
    void losesNothingBetweenClaimAndSettle() throws Exception {
        Tenant tenant = tenant(new Limits(null, 1_000_000_000L, null));

        together(() -> {
            Reservation call = limiter.open(tenant);
            claim(call, 90, 10);
            call.settle(new Used(101, 0, false, null));
            call.settle(new Used(5, 0, false, null));
        });

        assertThat(limiter.rateLimits(tenant).tokens().remaining()).isEqualTo(1_000_000_000L - 101L * THREADS * EACH);
        assertThat(inFlight()).isZero();
    }

    @Test
    void settlesOnceWhateverHowManyTry() throws Exception {
        Tenant tenant = tenant(new Limits(1_000_000L, 1_000_000L, null));
        Reservation call = limiter.open(tenant);
        claim(call, 90, 10);

        together(() -> {
            call.settle(new Used(60, 0, false, null));
            call.settle(new Used(60, 0, false, null));
        });

        assertThat(limiter.rateLimits(tenant).tokens().remaining()).isEqualTo(1_000_000 - 60);
        assertThat(inFlight()).isZero();
    }

    private Reservation admitted(Tenant tenant) {
        return opened(tenant, 0, 1);
    }

    private Reservation opened(Tenant tenant, long promptTokens, long maxTokens) {
        Reservation call = null;
        try {
            call = limiter.open(tenant);
            claim(call, promptTokens, maxTokens);
            return call;
        } catch (LimitExceededException e) {
            if (call != null) {
                call.cancel();
            }
            return null;
        }
    }

    private void together(Runnable work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        Callable<Void> each = () -> {
            start.await();
            IntStream.range(0, EACH).forEach(i -> work.run());
            return null;
        };
        List<Future<Void>> ends =
                IntStream.range(0, THREADS).mapToObj(i -> threads.submit(each)).toList();
        for (Future<Void> end : ends) {
            end.get();
        }
    }

    private double inFlight() {
        return registry.get("gateway.admission.in.flight").gauge().value();
    }

    private static Tenant tenant(Limits limits) {
        return new Tenant("search", List.of("*"), limits, Budget.NONE, 1, false, false);
    }

    private static void claim(Reservation call, long promptTokens, long maxTokens) {
        call.claim(promptTokens, maxTokens, LOOP).block();
    }
}

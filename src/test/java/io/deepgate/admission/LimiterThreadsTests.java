package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many threads, one clock that stands still: the sums must be right to the unit. */
class LimiterThreadsTests {

    private static final int THREADS = 8;
    private static final int EACH = 2000;

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Limiter limiter = new Limiter(new AdmissionProperties(10), () -> 42, registry);

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
                call.settle(0);
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
            Reservation call = admitted(tenant);
            if (call == null) {
                return;
            }
            try {
                call.claim(7, 3);
                claimed.addAndGet(10);
            } catch (LimitExceededException e) {
                call.cancel();
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
            Reservation call = limiter.admit(tenant);
            call.claim(90, 10);
            call.settle(101);
            call.settle(5);
        });

        assertThat(limiter.rateLimits(tenant).tokens().remaining()).isEqualTo(1_000_000_000L - 101L * THREADS * EACH);
        assertThat(inFlight()).isZero();
    }

    @Test
    void settlesOnceWhateverHowManyTry() throws Exception {
        Tenant tenant = tenant(new Limits(1_000_000L, 1_000_000L, null));
        Reservation call = limiter.admit(tenant);
        call.claim(90, 10);

        together(() -> {
            call.settle(60);
            call.settle(60);
        });

        assertThat(limiter.rateLimits(tenant).tokens().remaining()).isEqualTo(1_000_000 - 60);
        assertThat(inFlight()).isZero();
    }

    private Reservation admitted(Tenant tenant) {
        try {
            return limiter.admit(tenant);
        } catch (LimitExceededException e) {
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
        return new Tenant("search", List.of("*"), limits, false);
    }
}

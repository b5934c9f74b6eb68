package io.deepgate.admission;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a call's admission costs in memory, by tenants that have every limit and budget. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AdmissionBenchmark {

    private static final long PLENTY = 1_000_000_000_000_000L;

    /** One, for which threads contend, or many. */
    @Param({"1", "1000"})
    private int tenants;

    private List<Tenant> all;
    private Limiter limiter;

    /** A thread's own place in the row of tenants. */
    @State(Scope.Thread)
    public static class Caller {

        private int next;
    }

    @Setup
    public void begin() {
        all = IntStream.range(0, tenants).mapToObj(AdmissionBenchmark::tenant).toList();
        limiter = new MemoryLimiter(new TenantLimiters(
                AdmissionPropertiesTests.claiming(LimiterContract.CLAIM), Clocks.SYSTEM, new SimpleMeterRegistry()));
    }

    static Tenant tenant(int number) {
        return new Tenant(
                "tenant-" + number,
                List.of("*"),
                new Limits(PLENTY, PLENTY, PLENTY),
                new Budget(PLENTY, PLENTY, PLENTY, ZoneId.of("Europe/Berlin")),
                1,
                false,
                false);
    }

    /** From the opening to the settling, with the headers between. */
    @Benchmark
    public RateLimits admits(Caller caller) {
        Reservation call = limiter.open(all.get(caller.next++ % tenants));
        call.claim(500, 100, LimiterContract.LOOP).subscribe();
        RateLimits shown = call.rateLimits();
        call.settle(new Used(480, 90, true, 300_000L));
        return shown;
    }
}

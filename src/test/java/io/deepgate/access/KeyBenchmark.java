package io.deepgate.access;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What checking a key costs, among those of 5000 tenants. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class KeyBenchmark {

    private static final int KEYS = 5000;

    private final List<ApiKey> keys =
            IntStream.range(0, KEYS).mapToObj(i -> ApiKey.generate()).toList();
    private final Tenants tenants =
            new Tenants(IntStream.range(0, KEYS).mapToObj(this::tenant).toList());
    private final Instant now = Instant.now();
    private int next;

    private TenantEntry tenant(int number) {
        ApiKey key = keys.get(number);
        return new TenantEntry(
                "tenant-" + number,
                List.of(new TenantEntry.KeyEntry(key.id(), key.sha256Hex(), null, null)),
                null,
                null,
                null,
                null,
                false,
                false);
    }

    @Benchmark
    public boolean check() {
        ApiKey key = ApiKey.parse(keys.get(next++ % KEYS).value());
        return key != null && tenants.callerOf(key, now) != null;
    }
}

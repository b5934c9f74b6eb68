package io.deepgate.access;

import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What checking a key costs, among those of 5000 tenants. */
@State(Scope.Thread)
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
                false,
                false,
                false);
    }

    @Benchmark
    public boolean check() {
        ApiKey key = ApiKey.parse(keys.get(next++ % KEYS).value());
        return key != null && tenants.callerOf(key, now) != null;
    }
}

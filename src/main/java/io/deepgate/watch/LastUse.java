package io.deepgate.watch;

import io.deepgate.access.Tenant;
import io.deepgate.access.TenantsFile;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.RecordSink;
import io.deepgate.usage.UsageReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * When each key was used last: by the calls that end here, and by the ledger, which knows those of before and of other
 * replicas, to the hour. The ledger is asked while somebody looks.
 */
final class LastUse implements RecordSink {

    private static final Duration FRESH = Duration.ofMinutes(1);

    /** A journal may reach the ledger later than the hour it tells of. */
    private static final Duration LATE = Duration.ofDays(1);

    private final TenantsFile tenants;
    private final UsageReport report;
    private final Map<String, Instant> keys = new ConcurrentHashMap<>();
    private final AtomicReference<Instant> asked = new AtomicReference<>(Instant.EPOCH);
    private volatile @Nullable Instant known;

    LastUse(TenantsFile tenants, UsageReport report) {
        this.tenants = tenants;
        this.report = report;
    }

    @Override
    public void add(CallRecord call) {
        note(call.keyId(), call.startedAt());
    }

    private void note(String key, Instant time) {
        keys.merge(key, time, (a, b) -> a.isAfter(b) ? a : b);
    }

    /** By the key's id, as far as it is known now; does not wait. */
    Map<String, Instant> keys() {
        Instant now = Instant.now();
        Instant last = asked.get();
        if (last.plus(FRESH).isBefore(now) && asked.compareAndSet(last, now)) {
            Collection<String> ids =
                    tenants.current().all().stream().map(Tenant::id).toList();
            report.lastUse(ids, known == null ? Instant.EPOCH : now.minus(LATE))
                    .subscribe(
                            uses -> {
                                uses.forEach(this::note);
                                known = now;
                            },
                            failure -> {});
        }
        return Map.copyOf(keys);
    }

    /** Whether the ledger has told, so that a key without a last use was never used. */
    boolean isWhole() {
        return known != null;
    }
}

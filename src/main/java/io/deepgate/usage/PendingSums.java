package io.deepgate.usage;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The sums of calls that the ledger has and its rows of sums have not. Few rows are written with the calls; many, such as
 * one for each tenant and key of each batch, wait some seconds for other calls that change the same rows. For one thread.
 */
final class PendingSums {

    private static final int FEW = 20;
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Map<UsageHour, UsageSums> hours = new HashMap<>();
    private final Map<CallTrait, Long> traits = new HashMap<>();
    private long since;

    static PendingSums of(List<CallRecord> calls) {
        PendingSums sums = new PendingSums();
        for (CallRecord call : calls) {
            sums.hours.merge(UsageHour.of(call), UsageSums.of(call), UsageSums::plus);
            CallTrait.of(call).forEach(trait -> sums.traits.merge(trait, 1L, Long::sum));
        }
        return sums;
    }

    void add(PendingSums more) {
        if (isEmpty()) {
            since = System.nanoTime();
        }
        more.hours.forEach((hour, sums) -> hours.merge(hour, sums, UsageSums::plus));
        more.traits.forEach((trait, calls) -> traits.merge(trait, calls, Long::sum));
    }

    boolean isEmpty() {
        return hours.isEmpty();
    }

    /** Whether they have waited for as long as they may. */
    boolean areLate() {
        return !isEmpty() && System.nanoTime() - since > LONGEST.toNanos();
    }

    /** Whether all are few, with {@code more}. */
    boolean areFew(PendingSums more) {
        return rows() + more.rows() <= FEW;
    }

    private int rows() {
        return hours.size() + traits.size();
    }

    void clear() {
        hours.clear();
        traits.clear();
    }

    /** Adds them to the ledger's rows, in their order: no two replicas each hold what the other waits for. */
    void write(JdbcTemplate jdbc) {
        SumRows.add(new TreeMap<>(hours), jdbc);
        CallTrait.add(new TreeMap<>(traits), jdbc);
    }
}

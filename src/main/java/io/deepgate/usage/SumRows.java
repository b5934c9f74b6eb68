package io.deepgate.usage;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.JdbcTemplate;

/** The ledger's sums of calls, a row for each hour. */
final class SumRows {

    private static final String ADD_HOUR = """
            INSERT INTO usage_hour (tenant, starting, key_id, model) VALUES (?, ?, ?, ?)
            ON CONFLICT DO NOTHING""";

    private static final String ADD_SUMS = """
            UPDATE usage_hour
            SET calls = calls + ?, input_cached = input_cached + ?, input_uncached = input_uncached + ?,
                output = output + ?, reasoning = reasoning + ?, cost_nanos = cost_nanos + ?,
                unpriced_calls = unpriced_calls + ?, estimated_calls = estimated_calls + ?,
                estimated_tokens = estimated_tokens + ?, estimated_cost_nanos = estimated_cost_nanos + ?
            WHERE tenant = ? AND starting = ? AND key_id = ? AND model = ?""";

    private SumRows() {}

    /** To be run in a transaction. */
    static void add(SortedMap<UsageHour, UsageSums> sums, JdbcTemplate jdbc) {
        add(List.copyOf(sums.entrySet()), ADD_SUMS, SumRows::sums, ADD_HOUR, entry -> key(entry.getKey()), jdbc);
    }

    /** Adds to rows, of which most are there, and the others are inserted before; to be run in a transaction. */
    static <R> void add(
            List<R> rows,
            String add,
            Function<R, Object[]> sums,
            String insert,
            Function<R, Object[]> key,
            JdbcTemplate jdbc) {
        int[] there = jdbc.batchUpdate(add, rows.stream().map(sums).toList());
        List<R> others = IntStream.range(0, there.length)
                .filter(i -> there[i] == 0)
                .mapToObj(rows::get)
                .toList();
        jdbc.batchUpdate(insert, others.stream().map(key).toList());
        jdbc.batchUpdate(add, others.stream().map(sums).toList());
    }

    private static Object[] key(UsageHour hour) {
        return new Object[] {hour.tenant(), hour.starting(), hour.keyId(), hour.model()};
    }

    private static Object[] sums(Map.Entry<UsageHour, UsageSums> entry) {
        UsageHour hour = entry.getKey();
        UsageSums sums = entry.getValue();
        return new Object[] {
            sums.calls(),
            sums.inputCached(),
            sums.inputUncached(),
            sums.output(),
            sums.reasoning(),
            sums.costNanos(),
            sums.unpricedCalls(),
            sums.estimatedCalls(),
            sums.estimatedTokens(),
            sums.estimatedCostNanos(),
            hour.tenant(),
            hour.starting(),
            hour.keyId(),
            hour.model()
        };
    }
}

package io.deepgate.usage;

import io.deepgate.api.Parameter;
import io.deepgate.catalog.Variant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Something that calls of a tenant, day (UTC) and alias have in common: a parameter's name, or {@value #CONTEXT} and the
 * power of two that their prompt and completion together had fewer tokens than.
 */
record CallTrait(String tenant, LocalDate starting, String alias, String name) implements Comparable<CallTrait> {

    static final String CONTEXT = "context_";

    private static final long SHORTEST = 1024;
    private static final Comparator<CallTrait> ORDER = Comparator.comparing(CallTrait::tenant)
            .thenComparing(CallTrait::starting)
            .thenComparing(CallTrait::alias)
            .thenComparing(CallTrait::name);

    private static final String ADD = """
            INSERT INTO call_trait (tenant, starting, alias, trait) VALUES (?, ?, ?, ?)
            ON CONFLICT DO NOTHING""";

    private static final String COUNT = """
            UPDATE call_trait SET calls = calls + ? WHERE tenant = ? AND starting = ? AND alias = ? AND trait = ?""";

    /** Adds to the ledger's rows; to be run in a transaction. */
    static void add(SortedMap<CallTrait, Long> counts, JdbcTemplate jdbc) {
        SumRows.add(
                List.copyOf(counts.entrySet()),
                COUNT,
                CallTrait::counted,
                ADD,
                count -> count.getKey().key(),
                jdbc);
    }

    static List<CallTrait> of(CallRecord call) {
        String alias = call.alias();
        if (alias == null || call.variant() == Variant.SHADOW) {
            return List.of();
        }
        LocalDate day = call.startedAt().atOffset(ZoneOffset.UTC).toLocalDate();
        List<CallTrait> traits = new ArrayList<>();
        Parameter.in(call.parameters())
                .forEach(parameter -> traits.add(new CallTrait(call.tenant(), day, alias, parameter.label())));
        long tokens = call.tokens().total();
        if (tokens > 0) {
            long below = Math.max(SHORTEST, Long.highestOneBit(tokens) << 1);
            traits.add(new CallTrait(call.tenant(), day, alias, CONTEXT + below));
        }
        return traits;
    }

    private Object[] key() {
        return new Object[] {tenant, starting, alias, name};
    }

    private static Object[] counted(Map.Entry<CallTrait, Long> count) {
        CallTrait trait = count.getKey();
        return new Object[] {count.getValue(), trait.tenant, trait.starting, trait.alias, trait.name};
    }

    @Override
    public int compareTo(CallTrait other) {
        return ORDER.compare(this, other);
    }
}

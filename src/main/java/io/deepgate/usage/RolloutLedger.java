package io.deepgate.usage;

import io.deepgate.catalog.Variant;
import io.deepgate.relay.Finish;
import io.deepgate.relay.TokenUsage;
import io.opentelemetry.api.trace.SpanContext;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** What the ledger knows of a rollout; each query reads a bounded number of rows by an index. Waits for the database. */
final class RolloutLedger {

    /** The last of the candidate's calls that are looked at. */
    static final int CALLS = 5000;

    private static final int SLICES = 20;
    private static final int STABLE_PER_CANDIDATE = 4;
    private static final String LAST = """
            SELECT call.*
            FROM variant_call listed JOIN call ON call.started = listed.started AND call.request_id = listed.request_id
            WHERE listed.alias = ? AND listed.variant = ? AND listed.started >= ? AND listed.started < ?
                AND outcome <> 'REJECTED'""";

    /** A tenant's trait and how many calls had it. */
    record Count(String tenant, String trait, long calls) {}

    private final JdbcTemplate jdbc;

    RolloutLedger(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    /** The last calls that were meant for {@code slug} as the candidate, the oldest first. */
    List<CallRecord> candidate(String alias, String slug, Instant from, Instant to) {
        List<CallRecord> calls = jdbc.query(
                LAST + " AND (slug = ? OR failed_over) ORDER BY listed.started DESC LIMIT ?",
                (row, number) -> call(row),
                alias,
                Variant.CANDIDATE.label(),
                from.atOffset(ZoneOffset.UTC),
                to.atOffset(ZoneOffset.UTC),
                slug,
                CALLS);
        Collections.reverse(calls);
        return calls;
    }

    /**
     * Stable's calls beside those of the candidate's: from the same time, up to four for one, evenly. An hour in which the
     * provider was slow so weighs on both. Beside none of them, the last ones.
     */
    List<CallRecord> stable(String alias, List<CallRecord> candidate, Instant from, Instant to) {
        if (candidate.isEmpty()) {
            return stable(alias, from, to, CALLS);
        }
        int slice = Math.ceilDiv(candidate.size(), SLICES);
        List<CallRecord> calls = new ArrayList<>();
        for (int at = 0; at < candidate.size(); at += slice) {
            int next = at + slice;
            Instant end = next < candidate.size() ? candidate.get(next).startedAt() : to;
            calls.addAll(stable(
                    alias,
                    candidate.get(at).startedAt(),
                    end,
                    STABLE_PER_CANDIDATE * (Math.min(next, candidate.size()) - at)));
        }
        return calls;
    }

    private List<CallRecord> stable(String alias, Instant from, Instant to, int most) {
        return jdbc.query(
                LAST + " ORDER BY listed.started DESC LIMIT ?",
                (row, number) -> call(row),
                alias,
                Variant.STABLE.label(),
                from.atOffset(ZoneOffset.UTC),
                to.atOffset(ZoneOffset.UTC),
                most);
    }

    /** Adds {@code tenant}'s hours of usage of {@code slugs} to {@code cost}. */
    void hours(String tenant, Set<String> slugs, LocalDate from, LocalDate to, RolloutCost cost) {
        List<Object> arguments = new ArrayList<>(List.of(tenant, from.atStartOfDay(), to.atStartOfDay()));
        arguments.addAll(slugs);
        jdbc.query(
                "SELECT starting, model, SUM(calls), SUM(input_cached), SUM(input_uncached), SUM(output) FROM usage_hour"
                        + " WHERE tenant = ? AND starting >= ? AND starting < ? AND model IN ("
                        + String.join(", ", Collections.nCopies(slugs.size(), "?")) + ") GROUP BY starting, model",
                row -> {
                    cost.add(
                            row.getObject(1, LocalDateTime.class),
                            row.getString(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5),
                            row.getLong(6));
                },
                arguments.toArray());
    }

    List<Count> traits(String tenant, String alias, LocalDate from) {
        return jdbc.query(
                "SELECT trait, SUM(calls) FROM call_trait WHERE tenant = ? AND starting >= ? AND alias = ? GROUP BY trait",
                (row, number) -> new Count(tenant, row.getString(1), row.getLong(2)),
                tenant,
                from,
                alias);
    }

    private static CallRecord call(ResultSet row) throws SQLException {
        Long first = row.getObject("first_token_micros", Long.class);
        return new CallRecord(
                row.getString("request_id"),
                row.getString("tenant"),
                row.getString("key_id"),
                row.getString("operation"),
                row.getString("alias"),
                row.getString("slug"),
                row.getString("upstream"),
                row.getInt("attempts"),
                row.getString("response_model"),
                row.getBoolean("stream"),
                Outcome.valueOf(row.getString("outcome")),
                row.getInt("status"),
                row.getString("error_code"),
                new TokenUsage(
                        row.getLong("input_cached"),
                        row.getLong("input_uncached"),
                        row.getLong("output"),
                        row.getLong("reasoning"),
                        row.getBoolean("estimated")),
                row.getObject("cost_nanos", Long.class),
                row.getObject("started", OffsetDateTime.class).toInstant(),
                micros(row.getLong("duration_micros")),
                first == null ? null : micros(first),
                Duration.ZERO,
                Variant.valueOf(row.getString("variant").toUpperCase(Locale.ROOT)),
                row.getBoolean("failed_over"),
                finish(row.getString("finish")),
                0,
                SpanContext.getInvalid());
    }

    private static Duration micros(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }

    private static @Nullable Finish finish(@Nullable String label) {
        return label == null ? null : Finish.valueOf(label.toUpperCase(Locale.ROOT));
    }
}

package io.deepgate.usage;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.BatchPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The store of all calls and of their sums by hour. A call counts once, however often it is added and by whom. Everything
 * here waits for the database; what is not there is created when it answers first.
 */
final class Ledger {

    private static final String ADD_CALL = """
            INSERT INTO call (request_id, started, tenant, key_id, operation, alias, slug, upstream, response_model, stream,
                outcome, status, error_code, input_cached, input_uncached, output, reasoning, estimated, cost_nanos,
                duration_micros, first_token_micros, attempts, variant, failed_over, finish)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING""";

    private static final String ADD_VARIANT = """
            INSERT INTO variant_call (alias, variant, started, request_id) VALUES (?, ?, ?, ?)""";

    private static final String ADD_JOURNAL = """
            INSERT INTO journal (name, segment, bytes, summed_segment, summed_bytes) VALUES (?, 0, 0, 0, 0)
            ON CONFLICT DO NOTHING""";

    private static final String PROGRESS = """
            SELECT segment, bytes, COALESCE(summed_segment, segment), COALESCE(summed_bytes, bytes)
            FROM journal WHERE name = ?""";

    private static final String SHIPPED = """
            UPDATE journal SET segment = ?, bytes = ?,
                summed_segment = COALESCE(summed_segment, segment), summed_bytes = COALESCE(summed_bytes, bytes)
            WHERE name = ? AND (segment < ? OR segment = ? AND bytes < ?)""";

    private static final String SUMMED = "UPDATE journal SET summed_segment = ?, summed_bytes = ? WHERE name = ?";

    private static final String DELETE_CALLS = """
            DELETE FROM call WHERE started <=
                (SELECT MAX(started) FROM (SELECT started FROM call WHERE started < ? ORDER BY started LIMIT ?) oldest)""";

    private final DataSource migrated;
    private final DataSource database;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate transaction;
    private volatile boolean created;

    /** @param patience how long an answer of the database may take, but for what creates tables */
    Ledger(DataSource migrated, Duration patience) {
        this.migrated = migrated;
        database = new ImpatientDataSource(migrated, patience);
        jdbc = new JdbcTemplate(database);
        transaction = new TransactionTemplate(new JdbcTransactionManager(database));
    }

    /** The ledger's tables as this version needs them. */
    JdbcTemplate jdbc() {
        create();
        return jdbc;
    }

    /** The same for reading, which gives up after {@code seconds}. */
    JdbcTemplate jdbc(int seconds) {
        create();
        JdbcTemplate limited = new JdbcTemplate(database);
        limited.setQueryTimeout(seconds);
        return limited;
    }

    private synchronized void create() {
        if (!created) {
            Flyway.configure().dataSource(migrated).load().migrate();
            created = true;
        }
    }

    /** Adds those of {@code calls} that are not there, and to the sums only them; all or nothing. */
    void add(List<CallRecord> calls) {
        create();
        transaction.executeWithoutResult(status -> PendingSums.of(insert(calls)).write(jdbc));
    }

    /**
     * Adds calls from a journal likewise, but lets their sums wait where there are many.
     *
     * @param upTo where the calls end in a journal that {@link #progress} was asked about
     * @param pending the sums that wait: without these, or with more, when this returns; unchanged when it throws
     * @param all whether none may wait
     */
    void add(List<CallRecord> calls, JournalPosition upTo, PendingSums pending, boolean all) {
        create();
        PendingSums waiting = transaction.execute(status -> {
            PendingSums sums = PendingSums.of(insert(calls));
            long segment = upTo.segment();
            jdbc.update(SHIPPED, segment, upTo.bytes(), upTo.journal(), segment, segment, upTo.bytes());
            if (!all && !pending.areLate() && !pending.areFew(sums)) {
                return sums;
            }
            sums.add(pending);
            sums.write(jdbc);
            jdbc.update(SUMMED, segment, upTo.bytes(), upTo.journal());
            return null;
        });
        if (waiting == null) {
            pending.clear();
        } else {
            pending.add(waiting);
        }
    }

    private List<CallRecord> insert(List<CallRecord> calls) {
        int[] added = calls.isEmpty() ? new int[0] : jdbc.batchUpdate(ADD_CALL, new CallRows(calls));
        List<CallRecord> inserted = IntStream.range(0, added.length)
                .filter(i -> added[i] == 1)
                .mapToObj(calls::get)
                .toList();
        jdbc.batchUpdate(ADD_VARIANT, variants(inserted));
        return inserted;
    }

    /** How much of a journal the ledger has. */
    JournalProgress progress(String journal) {
        JdbcTemplate jdbc = jdbc();
        jdbc.update(ADD_JOURNAL, journal);
        return Objects.requireNonNull(jdbc.queryForObject(
                PROGRESS,
                (row, number) -> new JournalProgress(
                        new JournalPosition(journal, row.getLong(1), row.getLong(2)),
                        new JournalPosition(journal, row.getLong(3), row.getLong(4))),
                journal));
    }

    /**
     * Deletes the {@code most} oldest calls that began before {@code end}, with those that began when the last of them did;
     * tells how many it were.
     */
    int deleteCalls(Instant end, int most) {
        return jdbc().update(DELETE_CALLS, end.atOffset(ZoneOffset.UTC), most);
    }

    private static List<Object[]> variants(List<CallRecord> calls) {
        return calls.stream()
                .filter(call -> call.variant() != null)
                .map(call -> new Object[] {call.alias(), call.variant().label(), started(call), call.requestId()})
                .toList();
    }

    /** As exact as journals are: a part of what tells a call from others, wherever it comes from. */
    private static OffsetDateTime started(CallRecord call) {
        return call.startedAt().truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    }

    private record CallRows(List<CallRecord> calls) implements BatchPreparedStatementSetter {

        @Override
        public int getBatchSize() {
            return calls.size();
        }

        @Override
        public void setValues(PreparedStatement row, int i) throws SQLException {
            CallRecord call = calls.get(i);
            row.setString(1, call.requestId());
            row.setObject(2, started(call));
            row.setString(3, call.tenant());
            row.setString(4, call.keyId());
            row.setString(5, call.operation());
            row.setString(6, call.alias());
            row.setString(7, call.slug());
            row.setString(8, call.upstream());
            row.setString(9, call.responseModel());
            row.setBoolean(10, call.stream());
            row.setString(11, call.outcome().name());
            row.setInt(12, call.status());
            row.setString(13, call.errorCode());
            row.setLong(14, call.tokens().inputCached());
            row.setLong(15, call.tokens().inputUncached());
            row.setLong(16, call.tokens().output());
            row.setLong(17, call.tokens().reasoning());
            row.setBoolean(18, call.tokens().estimated());
            row.setObject(19, call.cost(), Types.BIGINT);
            row.setLong(20, micros(call.duration()));
            row.setInt(22, call.attempts());
            row.setString(23, call.variant() == null ? null : call.variant().label());
            row.setBoolean(24, call.failedOver());
            row.setString(25, call.finish() == null ? null : call.finish().label());
            row.setObject(21, call.timeToFirstToken() == null ? null : micros(call.timeToFirstToken()), Types.BIGINT);
        }

        private static long micros(Duration duration) {
            return duration.toNanos() / 1000;
        }
    }
}

package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.PostgresServer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The same SQL on both engines. */
@ExtendWith(PostgresServer.class)
class LedgerTests {

    enum Engine {
        H2,
        POSTGRESQL;

        String newDatabase() {
            return this == H2 ? Ledgers.newH2() : PostgresServer.newDatabase();
        }
    }

    private Ledgers ledgers;

    @AfterEach
    void closes() {
        ledgers.close();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void countsACallOnceHoweverOftenItComes(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        List<CallRecord> calls = Records.many(100);

        ledgers.ledger.add(calls);
        ledgers.ledger.add(calls);
        ledgers.ledger.add(List.of(calls.get(3), Records.completed(), calls.get(3), Records.completed()));

        assertThat(ledgers.calls()).isEqualTo(101);
        assertThat(ledgers.number("SELECT SUM(calls) FROM usage_hour")).isEqualTo(101);
        assertThat(ledgers.disagreements()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void keepsAllOfARecord(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        ledgers.ledger.add(List.of(Records.completed(), Records.rejected(404, "model_not_found")));

        assertThat(
                        ledgers.rows(
                                "SELECT tenant, key_id, operation, alias, slug, upstream, attempts, response_model, stream, outcome,"
                                        + " status, error_code, input_cached, input_uncached, output, reasoning, estimated, cost_nanos,"
                                        + " duration_micros, first_token_micros, variant, failed_over, finish FROM call ORDER BY request_id"))
                .containsExactly(
                        "[search, k7Qm2x, chat, fast, deepseek-flash, deepseek, 1, whatever-the-upstream-says, true, COMPLETED,"
                                + " 200, null, 64, 36, 41, 17, false, 48000, 2500000, 500000, candidate, true, length]",
                        "[search, k7Qm2x, chat, null, null, null, 0, null, false, REJECTED,"
                                + " 404, model_not_found, 0, 0, 0, 0, false, 0, 1000, null, null, false, null]");
        assertThat(ledgers.number(
                        "SELECT COUNT(*) FROM call WHERE started = TIMESTAMP WITH TIME ZONE '2026-11-24 12:00:00+00'"))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void countsOnceWhatTwoReplicasShipAtOnce(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        ledgers.ledger.add(Records.many(1));
        List<CallRecord> calls = Records.many(1000);
        List<CompletableFuture<Void>> replicas = IntStream.range(0, 3)
                .mapToObj(replica -> CompletableFuture.runAsync(() -> {
                    List<CallRecord> mine = new ArrayList<>(calls);
                    Collections.shuffle(mine, new Random(replica));
                    for (int from = 0; from < mine.size(); from += 50) {
                        insist(mine.subList(from, from + 50));
                    }
                }))
                .toList();
        replicas.forEach(CompletableFuture::join);

        assertThat(ledgers.calls()).isEqualTo(1001);
        assertThat(ledgers.disagreements()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void countsWhatCallsAreLikeByDay(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        ledgers.ledger.add(List.of(Records.completed()));
        ledgers.ledger.add(List.of(Records.completed(), Records.rejected(404, "model_not_found")));
        CallRecord other = Records.startedAt(Instant.parse("2026-11-24T23:59:59Z"));
        ledgers.ledger.add(List.of(other, Records.startedAt(Instant.parse("2026-11-24T01:00:00Z")), other));

        assertThat(ledgers.rows("SELECT * FROM call_trait ORDER BY tenant, trait"))
                .containsExactly(
                        "[search, 2026-11-24, fast, context_1024, 1]",
                        "[search, 2026-11-24, fast, seed, 1]",
                        "[tenant-1, 2026-11-24, fast, context_1024, 2]");
    }

    /** As a shipper does, which tries again when the database has broken up two that waited for each other. */
    private void insist(List<CallRecord> batch) {
        for (int tries = 0; ; tries++) {
            try {
                ledgers.ledger.add(batch);
                return;
            } catch (RuntimeException e) {
                if (tries == 100) {
                    throw e;
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void knowsUpToWhereAJournalIsShipped(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        assertThat(ledgers.ledger.progress("one").shipped()).isEqualTo(at(0, 0));

        ledgers.ledger.add(Records.many(2), at(3, 500), new PendingSums(), true);
        ledgers.ledger.add(Records.many(2), at(3, 900), new PendingSums(), true);
        ledgers.ledger.add(List.of(), at(4, 100), new PendingSums(), true);
        // A copy of the journal that is behind.
        ledgers.ledger.add(Records.many(2), at(4, 50), new PendingSums(), true);
        ledgers.ledger.add(Records.many(2), at(3, 1000), new PendingSums(), true);

        assertThat(ledgers.ledger.progress("one").shipped()).isEqualTo(at(4, 100));
        assertThat(ledgers.ledger.progress("other").shipped()).isEqualTo(new JournalPosition("other", 0, 0));
    }

    /** An earlier version, which may run beside this one during an update, adds sums with their calls and says nothing of them. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void takesOverAJournalOfAnEarlierVersion(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        ledgers.ledger.jdbc().update("INSERT INTO journal (name, segment, bytes) VALUES ('one', 3, 500)");
        assertThat(ledgers.ledger.progress("one")).isEqualTo(new JournalProgress(at(3, 500), at(3, 500)));

        ledgers.ledger.add(Records.many(100), at(3, 900), new PendingSums(), false);

        assertThat(ledgers.ledger.progress("one")).isEqualTo(new JournalProgress(at(3, 900), at(3, 500)));
    }

    private static JournalPosition at(long segment, long bytes) {
        return new JournalPosition("one", segment, bytes);
    }

    @Test
    @Timeout(20)
    void doesNotWaitForeverForAnAnswer() {
        ledgers = new Ledgers(PostgresServer.newDatabase());

        assertThatThrownBy(() -> ledgers.ledger.jdbc().execute("SELECT pg_sleep(60)"))
                .isInstanceOf(DataAccessException.class);

        ledgers.ledger.add(Records.many(10));
        assertThat(ledgers.calls()).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void deletesTheOldestCallsAndNoSums(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        Instant first = Instant.parse("2026-11-24T12:00:00Z");
        ledgers.ledger.add(IntStream.range(0, 100)
                .mapToObj(i -> Records.startedAt(first.plusMillis(i)))
                .toList());
        ledgers.ledger.add(List.of(Records.completed()));

        assertThat(ledgers.ledger.deleteCalls(first, 70)).isZero();
        // Two began when the first did.
        assertThat(ledgers.ledger.deleteCalls(first.plusSeconds(1), 1)).isEqualTo(2);
        assertThat(ledgers.number("SELECT COUNT(*) FROM variant_call")).isZero();
        assertThat(ledgers.ledger.deleteCalls(first.plusSeconds(1), 70)).isEqualTo(70);
        assertThat(ledgers.ledger.deleteCalls(first.plusSeconds(1), 70)).isEqualTo(29);
        assertThat(ledgers.ledger.deleteCalls(first.plusSeconds(1), 70)).isZero();

        assertThat(ledgers.number("SELECT SUM(calls) FROM usage_hour")).isEqualTo(101);
    }

    /** What a journal says is exact to a microsecond, and what was only in memory is more so. */
    @ParameterizedTest
    @EnumSource(Engine.class)
    void countsOnceWhatComesFromMemoryAndFromAJournal(Engine engine) {
        ledgers = new Ledgers(engine.newDatabase());
        CallRecord held = Records.startedAt(Instant.parse("2026-11-24T12:00:00.000001900Z"));
        byte[] line = JournalLine.of(held);

        ledgers.ledger.add(List.of(held));
        ledgers.ledger.add(List.of(JournalLine.parse(line, 0, line.length - 1)));

        assertThat(ledgers.calls()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void takesOverTheCallsOfAnEarlierVersion(Engine engine) {
        String url = engine.newDatabase();
        DataSource database = new DriverManagerDataSource(url);
        Flyway.configure().dataSource(database).target("4").load().migrate();
        new JdbcTemplate(database).update("""
                INSERT INTO call (request_id, started, tenant, key_id, operation, alias, slug, stream, outcome, status,
                    input_cached, input_uncached, output, reasoning, estimated, duration_micros, attempts, variant)
                VALUES ('one', '2026-11-24 12:00:00Z', 'search', 'k7Qm2x', 'chat', 'fast', 'deepseek-flash', TRUE,
                    'COMPLETED', 200, 64, 36, 41, 17, FALSE, 1000, 1, 'candidate')""");

        ledgers = new Ledgers(url);

        assertThat(ledgers.requestIds()).containsExactly("one");
        Instant from = Instant.parse("2026-11-24T12:00:00Z");
        assertThat(new RolloutLedger(ledgers.ledger.jdbc())
                        .candidate("fast", "deepseek-flash", from, from.plusMillis(1)))
                .extracting(CallRecord::requestId)
                .containsExactly("one");
    }
}

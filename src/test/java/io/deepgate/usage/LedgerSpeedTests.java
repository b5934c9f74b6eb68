package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.usage.UsageProperties.JournalFull;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.util.unit.DataSize;

/** The ledger's figures: {@code mvn test -Pspeed}. Medians, since other work on the machine makes single ones worse. */
@Tag("speed")
@Timeout(900)
class LedgerSpeedTests {

    private static final double MOST_MICROS_A_CALL = 10;
    private static final int LEAST_RECORDS_A_SECOND = 20_000;
    private static final double MOST_MILLIS_A_QUERY = 20;

    private static final int ROUNDS = 7;
    private static final int RECORDS_A_ROUND = 40_000;

    /** Ten million calls of 50 tenants with two keys and two models each, over 90 days. */
    private static final String FILL = """
            INSERT INTO call SELECT
                TIMESTAMPTZ '2026-09-01 00:00:00Z' + i * INTERVAL '777.6 milliseconds', 'call-' || i,
                'tenant-' || i % 50, 'key-' || i / 50 % 2, 'chat', 'fast',
                CASE i / 100 % 2 WHEN 0 THEN 'deepseek-flash' ELSE 'deepseek-v4-pro' END, 'deepseek', 'deepseek-flash',
                true, 'COMPLETED', 200, null, 1000, 200, 300, 100, i % 20 = 0, 1000 + i % 977, 2500000, 500000, 1
            FROM generate_series(1, 10000000) AS i""";

    private static final String SUM = """
            INSERT INTO usage_hour SELECT
                tenant, DATE_TRUNC('hour', started AT TIME ZONE 'UTC'), key_id, slug, COUNT(*), SUM(input_cached),
                SUM(input_uncached), SUM(output), SUM(reasoning), SUM(cost_nanos), 0, COUNT(*) FILTER (WHERE estimated),
                0, 0
            FROM call GROUP BY 1, 2, 3, 4""";

    private static EmbeddedPostgres server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startsAServerThatSyncs() throws IOException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
    }

    @AfterAll
    static void stops() throws IOException {
        server.close();
    }

    private static Ledgers newLedgers(String name) {
        new JdbcTemplate(server.getPostgresDatabase()).execute("CREATE DATABASE " + name);
        return new Ledgers(server.getJdbcUrl("postgres", name));
    }

    @Test
    void takesACallsRecordInMicroseconds() throws Exception {
        var options = new OptionsBuilder()
                .include(JournalBenchmark.class.getName())
                .jvmArgs("-Xmx512m")
                .build();
        for (RunResult result : new Runner(options).run()) {
            var micros = result.getPrimaryResult().getStatistics();
            System.out.printf(
                    "speed: %s %.1f µs a call (median), %.1f (99 of 100)%n",
                    result.getPrimaryResult().getLabel(), micros.getPercentile(50), micros.getPercentile(99));
            assertThat(micros.getPercentile(50)).isLessThan(MOST_MICROS_A_CALL);
        }
    }

    @Test
    void shipsTwentyThousandRecordsASecond() throws Exception {
        var properties = new UsageProperties(
                directory.toString(), DataSize.ofGigabytes(1), JournalFull.ADMIT, Duration.ofDays(90));
        List<Double> rates = new ArrayList<>();
        try (Ledgers ledgers = newLedgers("shipped")) {
            for (int round = 0; round < ROUNDS; round++) {
                try (Journal journal = new Journal(properties, 8 << 20, new SimpleMeterRegistry())) {
                    Records.many(RECORDS_A_ROUND).forEach(journal::add);
                    long all = (round + 1L) * RECORDS_A_ROUND;
                    long start = System.nanoTime();
                    Shipper shipper = new Shipper(journal, ledgers.ledger, new SimpleMeterRegistry());
                    AtRest.every(
                            Duration.ofMillis(20),
                            Duration.ofSeconds(60),
                            () -> ledgers.number("SELECT SUM(calls) FROM usage_hour") == all);
                    rates.add(RECORDS_A_ROUND / ((System.nanoTime() - start) / 1e9));
                    shipper.close();
                }
            }
        }
        Collections.sort(rates);
        double median = rates.get(ROUNDS / 2);
        System.out.printf("speed: %.0f records/s shipped (median), %.0f at worst%n", median, rates.getFirst());
        assertThat(median).isGreaterThan(LEAST_RECORDS_A_SECOND);
    }

    @Test
    void sumsATenantsMonthInMillisecondsBesideTenMillionCalls() {
        try (Ledgers ledgers = newLedgers("large");
                UsageReport report = new UsageReport(ledgers.ledger)) {
            JdbcTemplate jdbc = new JdbcTemplate(server.getDatabase("postgres", "large"));
            jdbc.update(FILL);
            jdbc.update(SUM);
            jdbc.execute("ANALYZE");
            for (UsageGroup group : UsageGroup.values()) {
                var query = new UsageQuery(
                        "tenant-7",
                        null,
                        Instant.parse("2026-10-01T00:00:00Z"),
                        Instant.parse("2026-11-01T00:00:00Z"),
                        List.of(group),
                        UsageQuery.MOST,
                        0);
                List<Double> millis = new ArrayList<>();
                for (int i = 0; i < 51; i++) {
                    long start = System.nanoTime();
                    report.readNow(query);
                    millis.add((System.nanoTime() - start) / 1e6);
                }
                double first = millis.getFirst();
                Collections.sort(millis);
                double median = millis.get(millis.size() / 2);
                System.out.printf(
                        "speed: a tenant's month by %s %.1f ms (median), %.1f at worst, %.1f the first time%n",
                        group.label(), median, millis.getLast(), first);
                assertThat(median).isLessThan(MOST_MILLIS_A_QUERY);
            }
        }
    }
}

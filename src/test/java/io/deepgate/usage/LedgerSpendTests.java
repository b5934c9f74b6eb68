package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.PostgresServer;
import io.deepgate.admission.Spent;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** What budgets learn from the ledger. */
@ExtendWith(PostgresServer.class)
class LedgerSpendTests {

    private static final String TENANTS = """
            tenants:
              - { id: search, keys: [{ id: %s, sha256: %s }], budget: { usd-per-month: 1 } }
            """.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex());

    @TempDir
    private Path directory;

    @Test
    void agreesWithTheLimiterToTheNanodollarAndOutlivesTheGateway() {
        String database = "spring.datasource.url=" + PostgresServer.newDatabase();
        String journal = "gateway.usage.directory=" + directory;
        long cost = 0;
        try (Sandbox sandbox =
                Sandbox.start(new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofSeconds(1), "sk-sandbox"))) {
            try (Gateway gateway = Gateway.with(TENANTS, sandbox.baseUrl(), database, journal)) {
                for (String message :
                        List.of("Hi", "[[tokens 300]]", "[[close after 5]]", "[[status 503]]", "[[no usage]]")) {
                    gateway.chat("""
                            {"model":"deepseek-flash","stream":true,"messages":[{"role":"user","content":"%s"}]}""".formatted(message));
                    cost += gateway.record().cost();
                }
                assertThat(cost).isPositive();
                AtRest.assertThatSpendAgrees(gateway, "search", cost);
            }
            try (Gateway again = Gateway.with(TENANTS, sandbox.baseUrl(), database, journal)) {
                AtRest.assertThatSpendAgrees(again, "search", cost);
            }
        }
    }

    @Test
    void countsFromAnyMoment() throws Exception {
        Instant noon = Instant.parse("2026-11-24T12:00:00Z");
        var properties = new UsageProperties(
                directory.toString(), DataSize.ofMegabytes(1), UsageProperties.JournalFull.ADMIT, Duration.ofDays(90));
        try (Ledgers ledgers = new Ledgers(PostgresServer.newDatabase());
                Journal journal = new Journal(properties, 10_000, new SimpleMeterRegistry())) {
            Shipper shipper = new Shipper(journal, ledgers.ledger, new SimpleMeterRegistry());
            LedgerSpend spend = new LedgerSpend(shipper, ledgers.ledger);
            for (int minutes : new int[] {0, 29, 30, 59, 60, 200}) {
                journal.add(Records.startedAt(noon.plus(Duration.ofMinutes(minutes))));
            }
            // Each costs 1007 nanodollars and has three tokens.
            assertThat(spend.since("tenant-1", noon)).isEqualTo(new Spent(6 * 1007, 18));
            assertThat(spend.since("tenant-1", noon.plus(Duration.ofMinutes(30))))
                    .isEqualTo(new Spent(4 * 1007, 12));
            assertThat(spend.since("tenant-1", noon.plus(Duration.ofMinutes(61))))
                    .isEqualTo(new Spent(1007, 3));
            assertThat(spend.since("tenant-2", noon)).isEqualTo(Spent.NONE);
            shipper.close();
        }
    }
}

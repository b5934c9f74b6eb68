package io.deepgate.usage;

import io.deepgate.admission.SpendHistory;
import io.deepgate.admission.Spent;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** What tenants have spent, as the ledger has it once the journal is shipped. */
final class LedgerSpend implements SpendHistory {

    private static final Duration MOST = Duration.ofSeconds(10);

    /** Whole hours by their sums, and what comes before the first whole hour call by call. */
    private static final String SPENT = """
            SELECT COALESCE(SUM(nanos), 0) AS nanos, COALESCE(SUM(tokens), 0) AS tokens FROM (
                SELECT SUM(cost_nanos) AS nanos, SUM(input_cached + input_uncached + output) AS tokens
                FROM usage_hour WHERE tenant = ? AND starting >= ?
                UNION ALL
                SELECT SUM(cost_nanos), SUM(input_cached + input_uncached + output)
                FROM call WHERE tenant = ? AND started >= ? AND started < ?) parts""";

    private final Shipper shipper;
    private final Ledger ledger;

    LedgerSpend(Shipper shipper, Ledger ledger) {
        this.shipper = shipper;
        this.ledger = ledger;
    }

    @Override
    public Spent since(String tenant, Instant from) {
        shipper.shipAll(MOST);
        LocalDateTime start = LocalDateTime.ofInstant(from, ZoneOffset.UTC);
        LocalDateTime hour = start.truncatedTo(ChronoUnit.HOURS);
        LocalDateTime whole = start.equals(hour) ? hour : hour.plusHours(1);
        return ledger.jdbc()
                .query(
                        SPENT,
                        row -> {
                            row.next();
                            return new Spent(row.getLong("nanos"), row.getLong("tokens"));
                        },
                        tenant,
                        whole,
                        tenant,
                        start.atOffset(ZoneOffset.UTC),
                        whole.atOffset(ZoneOffset.UTC));
    }
}

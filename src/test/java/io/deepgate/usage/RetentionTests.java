package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionTests {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final Duration KEEP = Duration.ofDays(90);

    @Test
    void deletesWhatIsOlderThanItIsKept() {
        try (Ledgers ledgers = new Ledgers(Ledgers.newH2())) {
            CallRecord kept = Records.startedAt(NOW.minus(KEEP));
            ledgers.ledger.add(Records.many(2500, NOW.minus(KEEP).minusMillis(1)));
            ledgers.ledger.add(List.of(kept));

            Retention retention = new Retention(ledgers.ledger, KEEP, InstantSource.fixed(NOW));
            retention.delete();
            retention.destroy();

            assertThat(ledgers.requestIds()).containsExactly(kept.requestId());
            assertThat(ledgers.number("SELECT SUM(calls) FROM usage_hour")).isEqualTo(2501);
        }
    }
}

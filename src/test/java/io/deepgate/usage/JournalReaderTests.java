package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.usage.JournalReader.Batch;
import io.deepgate.usage.JournalReader.Known;
import io.deepgate.usage.UsageProperties.JournalFull;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** Calls of a journal of several files, whose sums wait, and what may happen before these are written. */
class JournalReaderTests {

    private static final int CALLS = 1000;
    private static final int BATCH = 100;
    private static final int SEGMENT = 50_000;

    @TempDir
    private Path directory;

    private Ledgers ledgers;
    private Journal journal;
    private JournalReader reader;

    @BeforeEach
    void records() {
        ledgers = new Ledgers(Ledgers.newH2());
        var properties = new UsageProperties(
                directory.toString(), DataSize.ofMegabytes(100), JournalFull.ADMIT, Duration.ofDays(90));
        journal = new Journal(properties, SEGMENT, new SimpleMeterRegistry());
        Records.many(CALLS).forEach(journal::add);
        reader = newReader();
    }

    @AfterEach
    void closes() throws IOException {
        journal.close();
        ledgers.close();
    }

    private JournalReader newReader() {
        return new JournalReader(journal.directory(), journal.writer()::segment, ledgers.ledger, new PendingSums());
    }

    @Test
    void keepsTheFilesThatTheSumsLack() throws IOException {
        List<Long> files = journal.directory().segments();
        assertThat(files).hasSizeGreaterThan(3);

        while (ship(false).length() > 0) {}
        assertThat(ledgers.calls()).isEqualTo(CALLS);
        assertThat(ledgers.number("SELECT COUNT(*) FROM usage_hour")).isZero();
        assertThat(journal.directory().segments()).isEqualTo(files);

        ship(true);
        assertThat(ledgers.disagreements()).isEmpty();
        assertThat(journal.directory().segments()).containsExactly(files.getLast());
    }

    @Test
    void sumsWhatAProcessHadShippedThatWasKilled() throws IOException {
        ship(true);
        for (int batch = 0; batch < 5; batch++) {
            ship(false);
        }
        reader = newReader();

        assertThat(rest()).containsExactly(Known.SUMMED, Known.SHIPPED, Known.NOT);
        assertThat(ledgers.disagreements()).isEmpty();
    }

    @Test
    void countsOnceWhatTheLedgerTookWithoutSayingSo() throws IOException {
        ship(false);
        take(false);
        assertThat(ship(false).known()).isEqualTo(Known.SHIPPED);
        ship(false);
        take(true);

        assertThat(rest()).containsExactly(Known.SUMMED, Known.NOT);
        assertThat(ledgers.disagreements()).isEmpty();
    }

    /** Ships the rest, and tells what the ledger knew of it, in this order. */
    private List<Known> rest() throws IOException {
        List<Known> known = new ArrayList<>();
        for (Batch batch = ship(false); batch.length() > 0; batch = ship(false)) {
            if (known.isEmpty() || known.getLast() != batch.known()) {
                known.add(batch.known());
            }
        }
        ship(true);
        assertThat(ledgers.calls()).isEqualTo(CALLS);
        return known;
    }

    /** @param all whether no sum waits after it */
    private Batch ship(boolean all) throws IOException {
        Batch batch = reader.read(BATCH);
        if (batch.known() == Known.NOT) {
            ledgers.ledger.add(batch.records(), reader.end(batch), reader.sums(), all);
        }
        reader.shipped(batch);
        return batch;
    }

    /** The ledger takes the next batch, but its answer does not arrive. */
    private void take(boolean all) throws IOException {
        Batch batch = reader.read(BATCH);
        PendingSums sums = new PendingSums();
        sums.add(reader.sums());
        ledgers.ledger.add(batch.records(), reader.end(batch), sums, all);
        reader.failed();
    }
}

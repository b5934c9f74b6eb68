package io.deepgate.usage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journals of processes that are gone, taken over one by one. For one thread. */
final class AbandonedJournals implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AbandonedJournals.class);

    private final Journal journal;
    private final Ledger ledger;
    private final List<JournalReader> readers = new ArrayList<>();

    /** @param journal this process's, which counts what is pending */
    AbandonedJournals(Journal journal, Ledger ledger) {
        this.journal = journal;
        this.ledger = ledger;
    }

    /** Those with something to ship, at most. */
    List<JournalReader> readers() {
        return readers;
    }

    /** Lets those go that are shipped, and takes over what was left behind since this was called last. */
    void look() throws IOException {
        for (JournalReader reader : List.copyOf(readers)) {
            if (reader.directory().segments().isEmpty()) {
                readers.remove(reader);
                reader.directory().close();
            }
        }
        for (JournalDirectory directory : journal.directory().abandoned()) {
            log.info("Takes over the journal in {}", directory);
            readers.add(new JournalReader(directory, () -> Long.MAX_VALUE, ledger, new PendingSums()));
            journal.found(directory);
        }
    }

    @Override
    public void close() throws IOException {
        for (JournalReader reader : readers) {
            reader.directory().close();
        }
    }
}

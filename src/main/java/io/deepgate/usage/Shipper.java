package io.deepgate.usage;

import io.deepgate.usage.JournalReader.Batch;
import io.deepgate.usage.JournalReader.Known;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataIntegrityViolationException;

/**
 * Carries records from the journal to the ledger, in batches and in the background; those too that processes left behind
 * which are gone. While the ledger does not take them they wait in the journal.
 */
final class Shipper {

    private static final Logger log = LoggerFactory.getLogger(Shipper.class);
    private static final int BATCH = 500;
    private static final Duration PAUSE = Duration.ofMillis(250);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
    private static final Duration TIDY = Duration.ofSeconds(30);
    private static final Duration LAST_TRY = Duration.ofSeconds(3);

    private final Journal journal;
    private final Ledger ledger;
    private final Counter damaged;
    private final AbandonedJournals abandoned;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private JournalReader own;
    private long tidied = System.nanoTime() - TIDY.toNanos();
    private boolean failing;

    Shipper(Journal journal, Ledger ledger, MeterRegistry registry) {
        this.journal = journal;
        this.ledger = ledger;
        damaged = Counter.builder("gateway.usage.journal.damaged")
                .description("Records that could not be read from the journal, or that no ledger takes")
                .register(registry);
        abandoned = new AbandonedJournals(journal, ledger);
        own = own(new PendingSums());
        thread = Thread.ofVirtual().name("ledger").start(this::run);
    }

    private JournalReader own(PendingSums sums) {
        return new JournalReader(journal.directory(), journal.writer()::segment, ledger, sums);
    }

    private void run() {
        try {
            do {
                ship();
            } while (!closing.await((failing ? PAUSE_AFTER_FAILURE : PAUSE).toMillis(), TimeUnit.MILLISECONDS));
            finish();
        } catch (IOException | RuntimeException e) {
            log.warn("The journal was left with records in it: {}", reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What is only in memory is lost otherwise, so that a ledger which did not take records is tried once more for it. */
    private void finish() throws IOException {
        journal.retryHeld();
        if (!failing || !journal.held(1).isEmpty()) {
            shipAll(LAST_TRY);
            journal.writer().rollIfUsed();
            shipAll(LAST_TRY);
        }
    }

    private void ship() {
        try {
            while (shipBatch(false) && closing.getCount() > 0) {}
            if (failing) {
                log.info("The ledger takes records again");
            }
            failing = false;
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                log.warn("The ledger takes no records, so they wait in the journal: {}", reason(e));
            }
            failing = true;
        }
    }

    private static String reason(Exception e) {
        return String.valueOf(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
    }

    /**
     * Ships what has been recorded until now, and waits for it.
     *
     * @throws IllegalStateException if that takes longer than {@code most}
     * @throws RuntimeException if the ledger does not take it
     */
    void shipAll(Duration most) {
        long start = System.nanoTime();
        try {
            while (shipBatch(true)) {
                if (System.nanoTime() - start > most.toNanos()) {
                    throw new IllegalStateException("There are too many records in the journal to wait for");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Tells whether there may be more of what was recorded until now.
     *
     * @param sums whether none of them may wait
     */
    private synchronized boolean shipBatch(boolean sums) throws IOException {
        if (journal.renewed()) {
            own = own(own.sums());
        }
        journal.retryHeld();
        // Before all that reads the disk, which has just refused them.
        boolean more = shipHeld();
        tidy();
        // What the sums lack keeps its files.
        boolean all = sums || journal.isFull();
        more |= ship(own, all);
        for (JournalReader other : abandoned.readers()) {
            more = more || ship(other, all);
        }
        return more;
    }

    private boolean shipHeld() {
        List<CallRecord> held = journal.held(BATCH);
        if (!held.isEmpty()) {
            add(held, ledger::add);
            journal.heldShipped(held.size());
        }
        return held.size() == BATCH;
    }

    private boolean ship(JournalReader reader, boolean all) throws IOException {
        PendingSums sums = reader.sums();
        if (sums.areLate() || (all && !sums.isEmpty())) {
            add(List.of(), reader.position(), reader, true);
        }
        Batch batch = reader.read(BATCH);
        if (batch.known() == Known.NOT && !batch.records().isEmpty()) {
            add(batch.records(), reader.end(batch), reader, all);
        }
        reader.shipped(batch);
        journal.deleted(reader.deleted());
        // Of its own files the journal has counted records, and of others lines.
        journal.shipped(reader == own ? batch.records().size() : batch.lines());
        if (batch.damaged() > 0) {
            damaged.increment(batch.damaged());
            log.warn("Skipped {} damaged lines in {}", batch.damaged(), reader.directory());
        }
        return batch.more();
    }

    private void add(List<CallRecord> calls, JournalPosition upTo, JournalReader reader, boolean all) {
        try {
            add(calls, some -> ledger.add(some, upTo, reader.sums(), all));
        } catch (RuntimeException e) {
            reader.failed();
            throw e;
        }
    }

    /** One record that no ledger takes must not keep the others from it. */
    private void add(List<CallRecord> calls, Consumer<List<CallRecord>> adding) {
        try {
            adding.accept(calls);
        } catch (DataIntegrityViolationException e) {
            calls.forEach(this::addAlone);
            adding.accept(List.of());
        }
    }

    private void addAlone(CallRecord call) {
        try {
            ledger.add(List.of(call));
        } catch (DataIntegrityViolationException e) {
            damaged.increment();
            log.error("The ledger does not take the record of call {}: {}", call.requestId(), reason(e));
        }
    }

    /** Now and then: lets the file in use be deleted, and looks for what others have left behind. */
    private void tidy() throws IOException {
        if (System.nanoTime() - tidied < TIDY.toNanos()) {
            return;
        }
        tidied = System.nanoTime();
        journal.writer().rollIfUsed();
        abandoned.look();
    }

    /** Ships what can be shipped within seconds. */
    void close() throws InterruptedException, IOException {
        closing.countDown();
        thread.join(LAST_TRY.plusSeconds(2));
        abandoned.close();
    }
}

package io.deepgate.usage;

import io.deepgate.usage.JournalReader.Batch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    /** @param counted the number of the first file whose lines are pending since they were written */
    private record Source(JournalDirectory directory, JournalReader reader, long counted) {}

    private final Journal journal;
    private final Ledger ledger;
    private final Counter damaged;
    private final Source own;
    private final List<Source> abandoned = new ArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private long tidied = System.nanoTime() - TIDY.toNanos();
    private boolean failing;

    Shipper(Journal journal, Ledger ledger, MeterRegistry registry) {
        this.journal = journal;
        this.ledger = ledger;
        damaged = Counter.builder("gateway.usage.journal.damaged")
                .description("Records that could not be read from the journal, or that no ledger takes")
                .register(registry);
        JournalDirectory directory = journal.directory();
        own = new Source(directory, new JournalReader(directory, journal::segment), journal.segment());
        thread = Thread.ofVirtual().name("ledger").start(this::run);
    }

    private void run() {
        try {
            journal.found(own.directory.lines(own.counted));
            do {
                ship();
            } while (!closing.await((failing ? PAUSE_AFTER_FAILURE : PAUSE).toMillis(), TimeUnit.MILLISECONDS));
            if (!failing) {
                journal.rollIfUsed();
                shipAll(LAST_TRY);
            }
        } catch (IOException | RuntimeException e) {
            log.warn("The journal was left with records in it: {}", reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ship() {
        try {
            while (shipBatch() && closing.getCount() > 0) {}
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
            while (shipBatch()) {
                if (System.nanoTime() - start > most.toNanos()) {
                    throw new IllegalStateException("There are too many records in the journal to wait for");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells whether there may be more of what was recorded until now. */
    private synchronized boolean shipBatch() throws IOException {
        tidy();
        journal.retryHeld();
        Batch batch = own.reader.read(BATCH);
        journal.deleted(own.reader.deleted());
        boolean more = ship(own, batch);
        for (int i = 0; i < abandoned.size() && !more; i++) {
            Source source = abandoned.get(i);
            more = ship(source, source.reader.read(BATCH));
        }
        return more || shipHeld();
    }

    private boolean ship(Source source, Batch batch) {
        if (batch.length() == 0) {
            return false;
        }
        add(batch.records());
        source.reader.shipped(batch);
        journal.shipped(
                source.reader.segment() < source.counted
                        ? batch.lines()
                        : batch.records().size());
        if (batch.damaged() > 0) {
            damaged.increment(batch.damaged());
            log.warn("Skipped {} damaged lines in {}", batch.damaged(), source.directory);
        }
        return batch.more();
    }

    private boolean shipHeld() {
        List<CallRecord> held = journal.held(BATCH);
        add(held);
        journal.heldShipped(held.size());
        return held.size() == BATCH;
    }

    /** One record that no ledger takes must not keep the others from it. */
    private void add(List<CallRecord> calls) {
        if (calls.isEmpty()) {
            return;
        }
        try {
            ledger.add(calls);
        } catch (DataIntegrityViolationException e) {
            if (calls.size() > 1) {
                calls.forEach(call -> add(List.of(call)));
                return;
            }
            damaged.increment();
            log.error(
                    "The ledger does not take the record of call {}: {}",
                    calls.getFirst().requestId(),
                    reason(e));
        }
    }

    /** Now and then: lets the file in use be deleted, and looks for what others have left behind. */
    private void tidy() throws IOException {
        if (System.nanoTime() - tidied < TIDY.toNanos()) {
            return;
        }
        tidied = System.nanoTime();
        journal.rollIfUsed();
        for (Source source : List.copyOf(abandoned)) {
            if (source.directory.segments().isEmpty()) {
                source.directory.close();
                abandoned.remove(source);
            }
        }
        for (JournalDirectory directory : own.directory.abandoned()) {
            log.info("Takes over the journal in {}", directory);
            journal.found(directory.lines(Long.MAX_VALUE));
            abandoned.add(new Source(directory, new JournalReader(directory, () -> Long.MAX_VALUE), Long.MAX_VALUE));
        }
    }

    /** Ships what can be shipped within seconds. */
    void close() throws InterruptedException, IOException {
        closing.countDown();
        thread.join(LAST_TRY.plusSeconds(2));
        for (Source source : abandoned) {
            source.directory.close();
        }
    }
}

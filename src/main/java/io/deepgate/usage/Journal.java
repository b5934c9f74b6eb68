package io.deepgate.usage;

import io.deepgate.usage.UsageProperties.JournalFull;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every call's record, on the local disk from the call's end until the ledger has it. An append is one write to a file,
 * without waiting for the disk, by the thread that ended the call: what is written survives the end of the process.
 * Records that the disk does not take are held in memory.
 */
final class Journal implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Journal.class);
    private static final int MOST_HELD = 50_000;

    private final UsageProperties properties;
    private final long segmentLimit;
    private final BlockingQueue<CallRecord> held = new LinkedBlockingQueue<>(MOST_HELD);
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicBoolean full = new AtomicBoolean();
    private final Counter unrecorded;
    private JournalDirectory directory;
    private volatile JournalWriter writer;
    private boolean closed;

    /**
     * @param segmentLimit bytes after which a new file is begun
     * @throws UncheckedIOException if the directory cannot be written
     */
    Journal(UsageProperties properties, long segmentLimit, MeterRegistry registry) {
        this.properties = properties;
        this.segmentLimit = segmentLimit;
        unrecorded = Counter.builder("gateway.usage.unrecorded")
                .description("Calls that the ledger will never have, since there was no place for their records")
                .register(registry);
        Gauge.builder("gateway.usage.journal.pending", () -> pending.get() + held.size())
                .description("Call records that the ledger does not have yet")
                .register(registry);
        Gauge.builder("gateway.usage.journal.bytes", bytes, AtomicLong::get)
                .description("Size of the journal on disk, with what the ledger has of its last file")
                .baseUnit("bytes")
                .register(registry);
        try {
            directory = JournalDirectory.create(properties.journal());
            writer = new JournalWriter(directory, segmentLimit);
        } catch (IOException e) {
            throw new UncheckedIOException("gateway.usage.directory cannot be written: " + e, e);
        }
    }

    JournalDirectory directory() {
        return directory;
    }

    JournalWriter writer() {
        return writer;
    }

    /** @throws JournalFullException if it is full, and calls are to be refused then */
    void requireRoom() {
        if (full.get() && properties.journalFull() == JournalFull.REFUSE) {
            throw new JournalFullException();
        }
    }

    /** Takes the record of a call as it ends: without waiting and without failing. */
    void add(CallRecord call) {
        boolean left = overLimit() && mayBeMissing(call);
        if (left || !(append(call) || hold(call))) {
            unrecorded.increment();
        }
        checkRoom();
    }

    private boolean overLimit() {
        return bytes.get() > properties.journalLimit().toBytes();
    }

    boolean isFull() {
        return full.get();
    }

    /** What was admitted before it was full is recorded all the same; refusals would make it grow without an end. */
    private boolean mayBeMissing(CallRecord call) {
        return properties.journalFull() == JournalFull.ADMIT || call.outcome() == Outcome.REJECTED;
    }

    private boolean append(CallRecord call) {
        byte[] line = JournalLine.of(call);
        try {
            writer.append(line);
        } catch (IOException e) {
            return false;
        }
        bytes.addAndGet(line.length);
        pending.incrementAndGet();
        return true;
    }

    private synchronized boolean hold(CallRecord call) {
        return !closed && held.offer(call);
    }

    /** Writes to the disk what it did not take before, as far as it does now. */
    void retryHeld() {
        for (CallRecord call = held.peek(); call != null && append(call); call = held.peek()) {
            held.remove();
        }
        checkRoom();
    }

    /** The first of those that the disk did not take. */
    List<CallRecord> held(int most) {
        return held.stream().limit(most).toList();
    }

    /** The ledger has the first {@code count} of those that the disk did not take. */
    void heldShipped(int count) {
        for (int i = 0; i < count; i++) {
            held.remove();
        }
        checkRoom();
    }

    /** Goes on in a new directory if somebody has deleted the one in use, and it can; tells whether it does. */
    boolean renewed() {
        if (!writer.isGone()) {
            return false;
        }
        try {
            // Before anything else: from here on records are held, not written to where nobody reads.
            writer.close();
            directory.close();
            long lost = pending.getAndSet(0);
            bytes.set(0);
            if (lost > 0) {
                unrecorded.increment(lost);
                log.error("The files in {} were deleted, and {} call records with them", directory, lost);
            }
            directory = JournalDirectory.create(properties.journal());
            writer = new JournalWriter(directory, segmentLimit);
            return true;
        } catch (IOException e) {
            log.debug("There is no journal: {}", e.toString());
            return false;
        }
    }

    /** Files were found that an earlier process wrote. */
    void found(JournalDirectory other) throws IOException {
        pending.addAndGet(other.lines());
        bytes.addAndGet(other.bytes());
        checkRoom();
    }

    /** The ledger has {@code lines} more. */
    void shipped(long lines) {
        pending.addAndGet(-lines);
    }

    /** A file of {@code size} bytes was deleted. */
    void deleted(long size) {
        bytes.addAndGet(-size);
        checkRoom();
    }

    private void checkRoom() {
        boolean now = !held.isEmpty() || overLimit();
        if (now != full.get() && full.compareAndSet(!now, now)) {
            if (now) {
                log.error(
                        "The journal is full or its disk is, with {} records pending: {}",
                        pending.get() + held.size(),
                        properties.journalFull() == JournalFull.REFUSE
                                ? "calls are refused"
                                : "calls are served, but their records may be lost");
            } else {
                log.warn("The journal has room again; {} calls went unrecorded in all", (long) unrecorded.count());
            }
        }
    }

    /** What the disk did not take until now is lost, and counted. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (!held.isEmpty()) {
            unrecorded.increment(held.size());
            log.error("{} call records are lost: neither the disk nor the ledger took them", held.size());
            held.clear();
        }
        writer.close();
        directory.close();
    }
}

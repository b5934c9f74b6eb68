package io.deepgate.usage;

import io.deepgate.usage.UsageProperties.JournalFull;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.FileOutputStream;
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
    private final JournalDirectory directory;
    private final long segmentLimit;
    private final BlockingQueue<CallRecord> held = new LinkedBlockingQueue<>(MOST_HELD);
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong bytes;
    private final AtomicBoolean full = new AtomicBoolean();
    private final Counter unrecorded;
    private final Object lock = new Object();
    private FileOutputStream out;
    private long written;
    private boolean torn;
    private volatile long segment;

    /**
     * @param segmentLimit bytes after which a new file is begun
     * @throws UncheckedIOException if the directory cannot be written
     */
    Journal(UsageProperties properties, long segmentLimit, MeterRegistry registry) {
        this.properties = properties;
        this.segmentLimit = segmentLimit;
        directory = JournalDirectory.claim(properties.journal());
        bytes = new AtomicLong(directory.bytes());
        segment = directory.last() + 1;
        unrecorded = Counter.builder("gateway.usage.unrecorded")
                .description("Calls that the ledger will never have, since the journal was full")
                .register(registry);
        Gauge.builder("gateway.usage.journal.pending", () -> pending.get() + held.size())
                .description("Call records that the ledger does not have yet")
                .register(registry);
        Gauge.builder("gateway.usage.journal.bytes", bytes, AtomicLong::get)
                .description("Size of the journal on disk, with what the ledger has of its last file")
                .baseUnit("bytes")
                .register(registry);
        try {
            out = open(segment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A stream and not a channel, which the interruption of any thread that writes would close. */
    private FileOutputStream open(long number) throws IOException {
        return new FileOutputStream(directory.segment(number).toFile(), true);
    }

    JournalDirectory directory() {
        return directory;
    }

    /** The number of the file that is being written; the files before it are complete. */
    long segment() {
        return segment;
    }

    /** @throws JournalFullException if it is full, and calls are to be refused then */
    void requireRoom() {
        if (full.get() && properties.journalFull() == JournalFull.REFUSE) {
            throw new JournalFullException();
        }
    }

    /** Takes the record of a call as it ends: without waiting and without failing. */
    void add(CallRecord call) {
        if (overLimit() && mayBeMissing(call)) {
            unrecorded.increment();
        } else if (!append(call) && !held.offer(call)) {
            unrecorded.increment();
        }
        checkRoom();
    }

    private boolean overLimit() {
        return bytes.get() > properties.journalLimit().toBytes();
    }

    /** What was admitted before it was full is recorded all the same; refusals would make it grow without an end. */
    private boolean mayBeMissing(CallRecord call) {
        return properties.journalFull() == JournalFull.ADMIT || call.outcome() == Outcome.REJECTED;
    }

    private boolean append(CallRecord call) {
        byte[] line = JournalLine.of(call);
        synchronized (lock) {
            try {
                if (written >= segmentLimit) {
                    roll();
                }
                if (torn) {
                    out.write('\n');
                    torn = false;
                }
                out.write(line);
            } catch (IOException e) {
                torn = true;
                return false;
            }
            written += line.length;
        }
        bytes.addAndGet(line.length);
        pending.incrementAndGet();
        return true;
    }

    private void roll() throws IOException {
        long next = segment + 1;
        FileOutputStream nextOut = open(next);
        out.close();
        out = nextOut;
        written = 0;
        torn = false;
        segment = next;
    }

    /** Begins a new file if the present one has anything in it, so that it can be deleted. */
    void rollIfUsed() throws IOException {
        synchronized (lock) {
            if (written > 0) {
                roll();
            }
        }
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

    /** Lines were found that an earlier process wrote. */
    void found(long lines) {
        pending.addAndGet(lines);
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
                        pending,
                        properties.journalFull() == JournalFull.REFUSE
                                ? "calls are refused"
                                : "calls are served, but their records may be lost");
            } else {
                log.warn("The journal has room again; {} calls went unrecorded in all", (long) unrecorded.count());
            }
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (lock) {
            out.close();
        }
        directory.close();
    }
}

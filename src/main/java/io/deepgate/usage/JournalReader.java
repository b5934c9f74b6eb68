package io.deepgate.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a journal from the oldest on, while the newest may still be written, and deletes those that the ledger
 * has with their sums. For one thread.
 */
final class JournalReader {

    /** Many times a line's length, and more than a batch's. */
    private static final int BUFFER = 1 << 18;

    /**
     * Records that follow one another in a file.
     *
     * @param lines how many lines they take
     * @param damaged how many lines among them are torn, or none of ours
     * @param length how many bytes they take
     * @param more whether others followed them when they were read
     * @param known what the ledger had of them when it was asked
     */
    record Batch(List<CallRecord> records, int lines, int damaged, int length, boolean more, Known known) {

        private Batch as(Known other) {
            return other == Known.NOT ? this : new Batch(records, lines, 0, length, true, other);
        }
    }

    /** What the ledger has of records: nothing, their calls, or the sums of these too. */
    enum Known {
        NOT,
        SHIPPED,
        SUMMED
    }

    private static final Batch NOTHING = new Batch(List.of(), 0, 0, 0, false, Known.NOT);

    private final JournalDirectory directory;
    private final LongSupplier writing;
    private final Ledger ledger;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private final PendingSums sums;
    private final List<Long> finished = new ArrayList<>();
    private @Nullable JournalProgress progress;
    private long segment;
    private boolean wholly = true;
    private long position;
    private long deleted;

    /**
     * @param writing the number of the file that is still written; those before it are complete
     * @param ledger asked first, and after it failed, how much of the journal it has
     * @param sums those of what is read, while they wait
     */
    JournalReader(JournalDirectory directory, LongSupplier writing, Ledger ledger, PendingSums sums) {
        this.directory = directory;
        this.writing = writing;
        this.ledger = ledger;
        this.sums = sums;
    }

    JournalDirectory directory() {
        return directory;
    }

    PendingSums sums() {
        return sums;
    }

    /** Bytes deleted since this was asked last. */
    long deleted() {
        long bytes = deleted;
        deleted = 0;
        return bytes;
    }

    /** At most {@code most} records that are not shipped yet, the same ones until they are; of length 0 if none are. */
    Batch read(int most) throws IOException {
        JournalProgress had = progress();
        while (!wholly || next()) {
            // Asked before reading: what is written later, to a file with this number, is read later.
            boolean complete = segment < writing.getAsLong();
            long summed = had.summed().bytesOf(segment) - position;
            long shipped = had.shipped().bytesOf(segment) - position;
            Known known = summed > 0 ? Known.SUMMED : shipped > 0 ? Known.SHIPPED : Known.NOT;
            Batch batch = parse(fill(summed > 0 ? summed : shipped > 0 ? shipped : BUFFER), most, complete);
            if (batch.length > 0 || !complete) {
                return batch.as(known);
            }
            wholly = true;
            finished.add(segment);
        }
        return NOTHING;
    }

    private JournalProgress progress() {
        if (progress == null) {
            progress = ledger.progress(directory.name());
            if (segment != 0 && progress.summed().reaches(segment, position)) {
                sums.clear();
            }
        }
        return progress;
    }

    /** Whether the ledger has taken what was read last, or what waits, is not known. */
    void failed() {
        progress = null;
    }

    /** Up to where the ledger has what was read. */
    JournalPosition position() {
        return new JournalPosition(directory.name(), segment, position);
    }

    /** Where the batch ends that was read last. */
    JournalPosition end(Batch batch) {
        return new JournalPosition(directory.name(), segment, position + batch.length);
    }

    /** The ledger has the batch that was read last. */
    void shipped(Batch batch) throws IOException {
        if (batch.known == Known.SHIPPED) {
            sums.add(PendingSums.of(batch.records));
        }
        position += batch.length;
        if (sums.isEmpty()) {
            for (long number : finished) {
                delete(directory.segment(number));
            }
            finished.clear();
        }
    }

    private boolean next() throws IOException {
        for (long number : directory.segments()) {
            if (number > segment) {
                segment = number;
                position = 0;
                wholly = false;
                return true;
            }
        }
        return false;
    }

    private int fill(long most) throws IOException {
        try (SeekableByteChannel file = Files.newByteChannel(directory.segment(segment))) {
            file.position(position);
            buffer.clear().limit((int) Math.min(most, BUFFER));
            int read = 0;
            while (read >= 0 && buffer.hasRemaining()) {
                read = file.read(buffer);
            }
            return buffer.position();
        }
    }

    private Batch parse(int length, int most, boolean complete) {
        byte[] bytes = buffer.array();
        List<CallRecord> records = new ArrayList<>();
        int lines = 0;
        int damaged = 0;
        int from = 0;
        for (int at = 0; at < length && records.size() < most; at++) {
            if (bytes[at] == '\n') {
                CallRecord call = JournalLine.parse(bytes, from, at - from);
                if (call != null) {
                    records.add(call);
                } else if (at > from) {
                    damaged++;
                }
                lines++;
                from = at + 1;
            }
        }
        boolean torn = from == 0 && length > 0 && (complete || length == BUFFER);
        boolean more = complete || from < length;
        return torn
                ? new Batch(List.of(), 0, 1, length, more, Known.NOT)
                : new Batch(records, lines, damaged, from, more, Known.NOT);
    }

    private void delete(Path file) throws IOException {
        deleted += file.toFile().length();
        // Somebody else may have done it while the sums waited.
        Files.deleteIfExists(file);
    }
}

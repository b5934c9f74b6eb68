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
 * Reads the files of a journal from the oldest on, while the newest may still be written, and deletes those whose
 * records are all shipped. What the ledger has from earlier on is passed over. For one thread.
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
     */
    record Batch(List<CallRecord> records, int lines, int damaged, int length, boolean more) {}

    private static final Batch NOTHING = new Batch(List.of(), 0, 0, 0, false);

    private final JournalDirectory directory;
    private final LongSupplier writing;
    private final Ledger ledger;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    private @Nullable JournalPosition before;
    private long segment;
    private long position;
    private long deleted;

    /**
     * @param writing the number of the file that is still written; those before it are complete
     * @param ledger asked once, up to where it has the journal
     */
    JournalReader(JournalDirectory directory, LongSupplier writing, Ledger ledger) {
        this.directory = directory;
        this.writing = writing;
        this.ledger = ledger;
    }

    JournalDirectory directory() {
        return directory;
    }

    /** Bytes deleted since this was asked last. */
    long deleted() {
        long bytes = deleted;
        deleted = 0;
        return bytes;
    }

    /** At most {@code most} records that are not shipped yet, the same ones until they are; of length 0 if none are. */
    Batch read(int most) throws IOException {
        if (before == null) {
            before = ledger.shipped(directory.name());
        }
        while (segment != 0 || next()) {
            // Asked before reading: what is written later, to a file with this number, is read later.
            boolean complete = segment < writing.getAsLong();
            long known = before.bytesOf(segment) - position;
            Batch batch = parse(fill(known > 0 ? known : BUFFER), most, complete);
            if (batch.length > 0 || !complete) {
                return known > 0 ? new Batch(List.of(), batch.lines, 0, batch.length, true) : batch;
            }
            delete();
        }
        return NOTHING;
    }

    /** Where the batch ends that was read last. */
    JournalPosition end(Batch batch) {
        return new JournalPosition(directory.name(), segment, position + batch.length);
    }

    /** The ledger has the batch that was read last. */
    void shipped(Batch batch) {
        position += batch.length;
    }

    private boolean next() throws IOException {
        List<Long> segments = directory.segments();
        segment = segments.isEmpty() ? 0 : segments.getFirst();
        position = 0;
        return segment != 0;
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
        return torn ? new Batch(List.of(), 0, 1, length, more) : new Batch(records, lines, damaged, from, more);
    }

    private void delete() throws IOException {
        Path file = directory.segment(segment);
        deleted += Files.size(file);
        Files.delete(file);
        segment = 0;
    }
}

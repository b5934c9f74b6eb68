package io.deepgate.usage;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the files of a journal, one after the other; for many threads. */
final class JournalWriter {

    private static final Logger log = LoggerFactory.getLogger(JournalWriter.class);

    private final JournalDirectory directory;
    private final long segmentLimit;
    private FileOutputStream out;
    private long written;
    private boolean torn;
    private volatile long segment = 1;

    /** @param segmentLimit bytes after which a new file is begun */
    JournalWriter(JournalDirectory directory, long segmentLimit) throws IOException {
        this.directory = directory;
        this.segmentLimit = segmentLimit;
        out = open(segment);
    }

    /** A stream and not a channel, which the interruption of any thread that writes would close. */
    private FileOutputStream open(long number) throws IOException {
        return new FileOutputStream(directory.segment(number).toFile(), true);
    }

    /** The number of the file that is being written; the files before it are complete. */
    long segment() {
        return segment;
    }

    /** One write to a file; where it fails, a part of the line may be there, and no other line follows on it. */
    synchronized void append(byte[] line) throws IOException {
        if (written >= segmentLimit) {
            roll();
        }
        boolean wasTorn = torn;
        torn = true;
        if (wasTorn) {
            out.write('\n');
        }
        out.write(line);
        torn = false;
        written += line.length;
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

    /** Begins a new file if the present one has anything in it, so that it can be deleted; a full disk has no place for one. */
    synchronized void rollIfUsed() {
        if (written == 0) {
            return;
        }
        try {
            roll();
        } catch (IOException e) {
            log.debug("The journal has no next file: {}", e.toString());
        }
    }

    /** Whether somebody has deleted the file that is being written. */
    boolean isGone() {
        return !Files.exists(directory.segment(segment));
    }

    /** Appending fails from now on. A file with nothing in it is deleted. */
    synchronized void close() throws IOException {
        out.close();
        if (written == 0 && !torn) {
            Files.deleteIfExists(directory.segment(segment));
        }
        written = 0;
    }
}

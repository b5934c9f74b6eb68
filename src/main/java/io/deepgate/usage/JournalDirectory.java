package io.deepgate.usage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One process's files of the journal, {@code journal/0}, {@code journal/1} and so on, locked as long as the process
 * lives. What a process has left behind is taken over by another one.
 */
final class JournalDirectory implements AutoCloseable {

    private static final String ENDING = ".journal";

    private final Path path;
    private final FileChannel lock;

    private JournalDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** The first directory below {@code parent} that no other process has. */
    static JournalDirectory claim(Path parent) {
        try {
            for (int i = 0; ; i++) {
                Path path = Files.createDirectories(parent.resolve(Integer.toString(i)));
                JournalDirectory claimed = tryLock(path);
                if (claimed != null) {
                    return claimed;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("gateway.usage.directory cannot be written: " + e, e);
        }
    }

    /** Those directories beside this one that have something in them and whose process is gone. */
    List<JournalDirectory> abandoned() throws IOException {
        List<JournalDirectory> abandoned = new ArrayList<>();
        try (Stream<Path> siblings = Files.list(path.resolveSibling(""))) {
            for (Path sibling : siblings.filter(Files::isDirectory).toList()) {
                JournalDirectory taken = sibling.equals(path) ? null : tryLock(sibling);
                if (taken != null && taken.segments().isEmpty()) {
                    taken.close();
                } else if (taken != null) {
                    abandoned.add(taken);
                }
            }
        }
        return abandoned;
    }

    private static @Nullable JournalDirectory tryLock(Path path) throws IOException {
        FileChannel channel =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Another journal of this process has it.
        }
        if (lock == null) {
            channel.close();
            return null;
        }
        return new JournalDirectory(path, channel);
    }

    Path segment(long number) {
        return path.resolve("%010d%s".formatted(number, ENDING));
    }

    /** The numbers of the files that are there, the oldest first. */
    List<Long> segments() {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(ENDING))
                    .map(name -> Long.valueOf(name.substring(0, name.length() - ENDING.length())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number of the newest file, 0 if there is none. */
    long last() {
        List<Long> segments = segments();
        return segments.isEmpty() ? 0 : segments.getLast();
    }

    /** The size of all files. */
    long bytes() {
        return segments().stream()
                .mapToLong(number -> segment(number).toFile().length())
                .sum();
    }

    /** How many lines the files have whose numbers are below {@code end}. */
    long lines(long end) throws IOException {
        long lines = 0;
        byte[] buffer = new byte[1 << 16];
        for (long number : segments().stream().filter(number -> number < end).toList()) {
            try (var in = Files.newInputStream(segment(number))) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    for (int i = 0; i < read; i++) {
                        lines += buffer[i] == '\n' ? 1 : 0;
                    }
                }
            }
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}

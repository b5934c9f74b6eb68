package io.deepgate.usage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of one journal, in a directory of its own that is locked as long as the process lives that writes it. Its name
 * is like no other's, ever. What a process has left behind is taken over by another one.
 */
final class JournalDirectory implements AutoCloseable {

    private static final String ENDING = ".journal";
    private static final String LOCK = "lock";

    private final Path path;
    private final FileChannel lock;

    private JournalDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** A new one below {@code parent}. Nobody takes it over before it has a file, and then it is locked. */
    static JournalDirectory create(Path parent) throws IOException {
        Path path = Files.createDirectories(parent.resolve(UUID.randomUUID().toString()));
        JournalDirectory created = tryLock(path);
        if (created == null) {
            throw new IOException(path + " is locked by another process");
        }
        return created;
    }

    /** Those beside this one that have files and whose process is gone. */
    List<JournalDirectory> abandoned() throws IOException {
        List<JournalDirectory> abandoned = new ArrayList<>();
        try (Stream<Path> siblings = Files.list(path.resolveSibling(""))) {
            for (Path sibling : siblings.filter(Files::isDirectory).toList()) {
                JournalDirectory taken = numbers(sibling).isEmpty() ? null : tryLock(sibling);
                if (taken != null) {
                    abandoned.add(taken);
                }
            }
        } catch (NoSuchFileException e) {
            // Its taker has shipped and deleted it meanwhile.
        }
        return abandoned;
    }

    private static @Nullable JournalDirectory tryLock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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

    String name() {
        return path.getFileName().toString();
    }

    Path segment(long number) {
        return path.resolve("%010d%s".formatted(number, ENDING));
    }

    /** The numbers of the files that are there, the oldest first. */
    List<Long> segments() throws IOException {
        return numbers(path);
    }

    private static List<Long> numbers(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("\\d{10}" + ENDING))
                    .map(name -> Long.valueOf(name.substring(0, 10)))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The size of all files. */
    long bytes() throws IOException {
        long bytes = 0;
        for (long number : segments()) {
            bytes += Files.size(segment(number));
        }
        return bytes;
    }

    /** How many lines all files have. */
    long lines() throws IOException {
        long lines = 0;
        byte[] buffer = new byte[1 << 16];
        for (long number : segments()) {
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

    /** Lets others have it, or deletes it if it has no files. */
    @Override
    public void close() throws IOException {
        try (lock) {
            if (Files.isDirectory(path) && segments().isEmpty()) {
                Files.deleteIfExists(path.resolve(LOCK));
                Files.deleteIfExists(path);
            }
        } catch (DirectoryNotEmptyException e) {
            // Somebody has put something there, or just looks whether there is anything to take over.
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}

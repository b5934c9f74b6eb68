package io.deepgate.watch.replay;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results so far, a line each, on the disk as soon as they are there: what has been paid for is not asked again, even if
 * the process or the machine ends at any moment. One process at a time has it open.
 */
final class ResultsFile implements AutoCloseable {

    private record Key(String digest, String model) {}

    private final FileChannel file;
    private final Map<Key, Result> results = new LinkedHashMap<>();

    /** @throws IOException if it cannot be read or written, or another process has it open */
    ResultsFile(Path path) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lock(path);
            read();
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void lock(Path path) throws IOException {
        try {
            if (file.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            // This process has it open itself.
        }
        throw new IOException(path + " is being written by another replay");
    }

    private void read() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(file.size()));
        while (all.hasRemaining() && file.read(all) >= 0) {
            // Until all has been read.
        }
        String text = new String(all.array(), StandardCharsets.UTF_8);
        // A line that is torn is the last, and was not whole when the process ended.
        int whole = text.lastIndexOf('\n') + 1;
        text.substring(0, whole).lines().forEach(this::remember);
        long end = text.substring(0, whole).getBytes(StandardCharsets.UTF_8).length;
        file.truncate(end);
        file.position(end);
    }

    private void remember(String line) {
        try {
            put(JsonMapper.shared().readValue(line, Result.class));
        } catch (JacksonException e) {
            // Damaged: the case is asked again.
        }
    }

    private void put(Result result) {
        results.put(new Key(result.digest(), result.model()), result);
    }

    /** Returns when {@code result} is on the disk. */
    synchronized void add(Result result) throws IOException {
        ByteBuffer line = ByteBuffer.wrap(
                (JsonMapper.shared().writeValueAsString(result) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            file.write(line);
        }
        file.force(true);
        put(result);
    }

    /** What became of {@code one} at {@code model}; null if it has not been asked. */
    synchronized @Nullable Result of(Case one, String model) {
        return results.get(new Key(one.digest(), model));
    }

    /** All there are, of other cases and models as well. */
    synchronized Collection<Result> all() {
        return List.copyOf(results.values());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

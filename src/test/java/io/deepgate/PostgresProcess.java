package io.deepgate;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.springframework.util.FileSystemUtils;

/** PostgreSQL's own binaries, on a directory of their own. */
final class PostgresProcess implements PostgresServer.Place {

    private final int port;
    private final Path directory;
    private EmbeddedPostgres server;

    PostgresProcess(int port) {
        this.port = port;
        try {
            directory = Files.createTempDirectory("postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void start() {
        try {
            server = EmbeddedPostgres.builder()
                    .setPort(port)
                    .setDataDirectory(directory)
                    .setCleanDataDirectory(false)
                    // It is killed, but the machine is not.
                    .setServerConfig("fsync", "off")
                    .setServerConfig("synchronous_commit", "on")
                    .setOutputRedirector(Redirect.DISCARD)
                    .setErrorRedirector(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void kill() {
        try {
            String pid = Files.readAllLines(directory.resolve("postmaster.pid")).getFirst();
            CompletableFuture<ProcessHandle> end =
                    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().onExit();
            new ProcessBuilder("kill", "-QUIT", pid).start();
            end.join();
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

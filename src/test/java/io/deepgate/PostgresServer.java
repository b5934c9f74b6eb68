package io.deepgate;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real PostgreSQL, one for all tests that register this. It can be killed, and runs again for the next test. */
public final class PostgresServer implements BeforeEachCallback {

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static EmbeddedPostgres server;
    private static Path directory;
    private static int port;

    @Override
    public void beforeEach(ExtensionContext context) {
        start();
    }

    /** Starts it where it was, unless it runs. */
    public static synchronized void start() {
        if (server != null) {
            return;
        }
        try {
            directory = directory == null ? Files.createTempDirectory("postgres") : directory;
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
            port = server.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it at once, in the middle of whatever it does: it has to recover when it starts again. */
    public static synchronized void kill() {
        try {
            String pid = Files.readAllLines(directory.resolve("postmaster.pid")).getFirst();
            CompletableFuture<ProcessHandle> end =
                    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().onExit();
            new ProcessBuilder("kill", "-QUIT", pid).start();
            end.join();
            server.close();
            server = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new database's URL, with all that is needed to connect. */
    public static String newDatabase() {
        String name = "ledger" + DATABASES.incrementAndGet();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name + "?user=postgres";
    }
}

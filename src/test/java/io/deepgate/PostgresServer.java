package io.deepgate;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.testcontainers.DockerClientFactory;

/**
 * A real PostgreSQL, one for all tests that register this: in a container where a Docker engine answers, else the binaries
 * that come with the tests. It can be killed, and runs again for the next test.
 */
public final class PostgresServer implements BeforeEachCallback {

    /** Where PostgreSQL and its data are. */
    interface Place extends AutoCloseable {

        /** Starts it on the data that there are. */
        void start();

        /** Ends it at once; its data stay. */
        void kill();

        /** Ends it, and its data are gone. */
        @Override
        void close();
    }

    private static final int PORT = FreePorts.next();
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static Place place;
    private static boolean runs;

    @Override
    public void beforeEach(ExtensionContext context) {
        // JUnit closes what is in its store when all tests have ended.
        context.getRoot().getStore(Namespace.GLOBAL).computeIfAbsent(PostgresServer.class, key ->
                (AutoCloseable) PostgresServer::close);
        start();
    }

    /** Starts it where it was, unless it runs. */
    public static synchronized void start() {
        if (runs) {
            return;
        }
        if (place == null) {
            place = DockerClientFactory.instance().isDockerAvailable()
                    ? new PostgresContainer(PORT)
                    : new PostgresProcess(PORT);
        }
        place.start();
        runs = true;
    }

    /** Ends it at once, in the middle of whatever it does: it has to recover when it starts again. */
    public static synchronized void kill() {
        place.kill();
        runs = false;
    }

    private static synchronized void close() {
        place.close();
        place = null;
        runs = false;
    }

    /** A new database's URL, with all that is needed to connect. */
    public static String newDatabase() {
        String name = "ledger" + DATABASES.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url("postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return url(name);
    }

    private static String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + PORT + "/" + database + "?user=postgres";
    }
}

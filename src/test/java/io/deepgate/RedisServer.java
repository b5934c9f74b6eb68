package io.deepgate;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis that keeps nothing on disk, on a port of its own, which may die and come back: the one that the environment
 * variable {@code REDIS_SERVER} names, else the one that comes with the tests.
 */
public final class RedisServer implements BeforeAllCallback, AfterAllCallback, AfterEachCallback {

    private final int port = freePort();
    private final RedisClient client = RedisClient.create(
            RedisURI.builder().withHost("127.0.0.1").withPort(port).build());
    private Process process;
    private boolean shared;

    @Override
    public void beforeAll(ExtensionContext context) {
        shared = true;
        start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        kill();
        client.shutdown(Duration.ZERO, Duration.ZERO);
    }

    /** Of a server that is each test's own, which starts it itself. */
    @Override
    public void afterEach(ExtensionContext context) {
        if (!shared) {
            afterAll(context);
        }
    }

    /** Starts it, empty, and waits until it answers. */
    public void start(String... settings) {
        try {
            List<String> command = new ArrayList<>(List.of(executable(), "--port", Integer.toString(port)));
            command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
            command.addAll(List.of(settings));
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Awaitility.await().ignoreExceptions().until(this::listens);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean listens() throws IOException {
        try (var socket = new java.net.Socket("127.0.0.1", port)) {
            return socket.isConnected();
        }
    }

    private static String executable() throws IOException {
        String given = System.getenv("REDIS_SERVER");
        return given == null
                ? ExecutableProvider.newJarResourceProvider().get().getAbsolutePath()
                : Path.of(given).toString();
    }

    /** Kills it at once, and with it all that it knows. */
    public void kill() {
        try {
            if (process == null) {
                return;
            }
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops it from answering, though connections stay open. */
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    public int port() {
        return port;
    }

    /** Commands on a connection of the test's own. */
    public RedisCommands<String, String> commands() {
        return client.connect().sync();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

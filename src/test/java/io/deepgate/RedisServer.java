package io.deepgate;

import io.lettuce.core.Range;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/**
 * A real Redis that keeps nothing on disk, on a port of its own, which may die and come back: in a container where a Docker
 * engine answers, else the binary that there is.
 */
public final class RedisServer implements BeforeAllCallback, AfterAllCallback, AfterEachCallback {

    /** A Redis that was started. */
    interface Running {

        /** Ends it at once. */
        void kill();

        /** Stops it from answering, though connections stay open. */
        void freeze();

        void thaw();
    }

    private final boolean cluster;
    private final int port = FreePorts.next();
    private final RedisClient client = RedisClient.create(
            RedisURI.builder().withHost("127.0.0.1").withPort(port).build());
    private Running running;
    private boolean shared;

    public RedisServer() {
        this(false);
    }

    private RedisServer(boolean cluster) {
        this.cluster = cluster;
    }

    /** The only node of a Redis Cluster. */
    public static RedisServer cluster() {
        return new RedisServer(true);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        shared = true;
        start();
    }

    /** Where a node writes what it knows of its cluster. */
    private Path nodes() {
        return Path.of(System.getProperty("java.io.tmpdir"), "nodes-" + port);
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        kill();
        Files.deleteIfExists(nodes());
        client.shutdown(Duration.ZERO, Duration.ZERO);
    }

    /** Of a server that is each test's own, which starts it itself. */
    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        if (!shared) {
            afterAll(context);
        }
    }

    /** Starts it, empty, and waits until it answers. */
    public void start(String... settings) {
        List<String> arguments = new ArrayList<>(List.of("--save", "", "--appendonly", "no"));
        arguments.addAll(List.of(settings));
        if (cluster) {
            // Its nodes listen for each other at ten thousand more, where not all ports leave room for that.
            arguments.addAll(List.of("--cluster-enabled", "yes", "--cluster-port", Integer.toString(FreePorts.next())));
            arguments.addAll(List.of("--cluster-config-file", nodes().toString()));
        }
        running = DockerClientFactory.instance().isDockerAvailable()
                ? new RedisContainer(port, arguments)
                : new RedisProcess(port, arguments);
        Awaitility.await().ignoreExceptions().until(this::answers);
        if (cluster) {
            commands().clusterAddSlotsRange(Range.create(0, SlotHash.SLOT_COUNT - 1));
            Awaitility.await().until(() -> commands().clusterInfo().contains("cluster_state:ok"));
        }
    }

    private boolean answers() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            // Either that it is well, or that it wants a password first.
            return socket.getInputStream().read() > 0;
        }
    }

    /** Kills it at once, and with it all that it knows. */
    public void kill() {
        if (running != null) {
            running.kill();
            running = null;
        }
    }

    /** Stops it from answering, though connections stay open. */
    public void freeze() {
        running.freeze();
    }

    public void thaw() {
        running.thaw();
    }

    public int port() {
        return port;
    }

    /** Commands on a connection of the test's own. */
    public RedisCommands<String, String> commands() {
        return client.connect().sync();
    }
}

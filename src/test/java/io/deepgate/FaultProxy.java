package io.deepgate;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A TCP proxy that does to connections what networks do. Which fault the n-th connection gets depends on the seed and on n
 * alone.
 */
public final class FaultProxy implements AutoCloseable {

    private static final int BYTES_PER_SECOND = 64 * 1024;
    private static final int PIECE = 8 * 1024;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final long seed;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile Function<Random, Fault> faults = random -> Fault.NONE;

    private FaultProxy(ServerSocket server, InetSocketAddress target, long seed) {
        this.server = server;
        this.target = target;
        this.seed = seed;
        Thread.ofVirtual().start(this::accept);
    }

    /** Listens on a free port of 127.0.0.1, in front of {@code port} there, and does no harm yet. */
    public static FaultProxy before(int port, long seed) {
        try {
            InetAddress loopback = InetAddress.getByName("127.0.0.1");
            return new FaultProxy(new ServerSocket(0, 1024, loopback), new InetSocketAddress(loopback, port), seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on, every new connection gets what {@code faults} makes of a random of its own. */
    public FaultProxy does(Function<Random, Fault> faults) {
        this.faults = faults;
        return this;
    }

    public int port() {
        return server.getLocalPort();
    }

    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + port());
    }

    /** Connections that stand now, on either side. */
    public int openConnections() {
        return links.size();
    }

    /** Cuts what stands, but listens on. */
    public void cut() {
        links.forEach(Link::close);
    }

    private void accept() {
        try {
            for (long number = 0; true; number++) {
                Socket client = server.accept();
                Random random = new Random(seed * 1_000_003 + number);
                Link link = new Link(client, faults.apply(random), random);
                links.add(link);
                Thread.ofVirtual().start(link::run);
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    /** Cuts what stands. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }

    /** A client's connection and the one to the server that goes with it. */
    private final class Link {

        private final Socket client;
        private final Socket upstream = new Socket();
        private final Fault fault;
        private final Random random;
        private volatile boolean dark;

        private Link(Socket client, Fault fault, Random random) {
            this.client = client;
            this.fault = fault;
            this.random = random;
        }

        private void run() {
            try {
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                upstream.connect(target);
                Thread requests = Thread.ofVirtual().start(() -> pump(client, upstream, false));
                pump(upstream, client, true);
                requests.join();
            } catch (IOException | InterruptedException e) {
                // The server takes no connections, so that the client's ends too.
            } finally {
                close();
                links.remove(this);
            }
        }

        private void pump(Socket from, Socket to, boolean answers) {
            boolean harmed = fault.answers() == answers;
            byte[] bytes = new byte[PIECE];
            long passed = 0;
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                    int whole = harmed ? (int) Math.min(read, Math.max(0, fault.after() - passed)) : read;
                    write(out, bytes, 0, whole);
                    if (harmed && passed + read > fault.after()) {
                        harm(out, bytes, whole, read);
                    }
                    passed += read;
                }
                if (fault.kind() == Fault.Kind.SLOW_CLOSE) {
                    pause(fault.millis() * 10L);
                }
                if (!dark) {
                    to.shutdownOutput();
                }
            } catch (IOException e) {
                if (!dark) {
                    // Whoever has reset the one connection has reset the other.
                    reset(from);
                    reset(to);
                }
            }
            if (dark && !answers) {
                // In the dark a client is told nothing; but when it leaves, nothing of it remains.
                close();
            }
        }

        private void harm(OutputStream out, byte[] bytes, int from, int to) throws IOException {
            switch (fault.kind()) {
                case LATENCY -> pause(fault.millis());
                case JITTER -> pause(random.nextInt(fault.millis()));
                case BANDWIDTH -> pause((to - from) * 1000L / BYTES_PER_SECOND);
                case RESET -> {
                    reset(client);
                    reset(upstream);
                    return;
                }
                case CLOSE -> {
                    close();
                    return;
                }
                case HALF_OPEN -> {
                    dark = true;
                    reset(upstream);
                    return;
                }
                case BLACKHOLE -> {
                    dark = true;
                    return;
                }
                case SPLIT -> {
                    for (int at = from; at < to; at++) {
                        write(out, bytes, at, at + 1);
                    }
                    return;
                }
                default -> {}
            }
            write(out, bytes, from, to);
        }

        /** What the other direction sends into the dark does not come out either. */
        private void write(OutputStream out, byte[] bytes, int from, int to) throws IOException {
            if (!dark && to > from) {
                out.write(bytes, from, to - from);
            }
        }

        private static void pause(long millis) {
            try {
                Thread.sleep(millis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private static void reset(Socket socket) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (IOException e) {
                // It was closed already.
            }
        }

        private void close() {
            try {
                client.close();
                upstream.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

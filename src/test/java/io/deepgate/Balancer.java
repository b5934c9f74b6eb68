package io.deepgate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Gives each new connection to the next of the ports of this machine that it knows, as Kubernetes' Services do. */
final class Balancer implements AutoCloseable {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final ServerSocket server = new ServerSocket(0, 1024, LOOPBACK);
    private final List<Integer> targets = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    Balancer() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void add(int port) {
        targets.add(port);
    }

    /** Connections to it that are open stay. */
    void remove(int port) {
        targets.remove(Integer.valueOf(port));
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> connect(client));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void connect(Socket client) {
        List<Integer> now = List.copyOf(targets);
        int port = now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
        try (client;
                Socket target = new Socket(LOOPBACK, port)) {
            Thread back = Thread.ofVirtual().start(() -> copy(target, client));
            copy(client, target);
            back.join();
        } catch (IOException | InterruptedException e) {
            // Whoever called sees that the connection ends.
        }
    }

    /** Passes bytes on until one side ends, which the other then sees. */
    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

package io.deepgate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that have to be told one, or that come back to theirs. They are below those that the system gives whoever
 * asks for any (32768 and more), so that no other socket gets one before its server does, or while that is down.
 */
public final class FreePorts {

    private static final int FIRST = 20_000;
    private static final int COUNT = 12_000;

    /** Tests that run at the same time elsewhere on this machine begin at another. */
    private static final AtomicInteger NEXT = new AtomicInteger(new Random().nextInt(COUNT));

    private FreePorts() {}

    /** One where nobody listens, on any address; not given again by this JVM. */
    public static int next() {
        while (true) {
            try (ServerSocket socket = new ServerSocket(FIRST + NEXT.getAndIncrement() % COUNT)) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // It is taken: the next.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

package io.deepgate.forward;

import io.netty.util.AttributeKey;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import reactor.netty.Connection;

/**
 * Tells a stale connection from an upstream that fails: one from the pool that is closed before any answer, soon after a
 * request was sent on it, had been given up by the upstream before. The call is sent once more, on a new one: an upstream that
 * gives up one does so with all of them.
 */
final class Reuse {

    private static final AttributeKey<Boolean> USED = AttributeKey.valueOf("deepgate.used");

    /** Long enough for an event loop that is late to notice it. */
    private static final long SOON = TimeUnit.SECONDS.toNanos(10);

    private boolean reused;
    private boolean answered;
    private long sentAt;

    void sent(Connection connection) {
        reused = connection.channel().attr(USED).getAndSet(true) != null;
        sentAt = System.nanoTime();
    }

    void answered() {
        answered = true;
    }

    /** Whether {@code failure} means no more than a stale connection. */
    boolean stale(Throwable failure) {
        return reused && !answered && failure instanceof IOException && System.nanoTime() - sentAt < SOON;
    }
}

package io.deepgate;

import java.time.Duration;
import java.time.Instant;

/** When one call began, and how long it has waited for its client's body. */
final class CallTimes {

    private final Instant startedAt = Instant.now();
    private final long openedAt = System.nanoTime();
    private volatile long readAt;

    Instant startedAt() {
        return startedAt;
    }

    /** The body has been read. */
    void read() {
        readAt = System.nanoTime();
    }

    /** From the call's opening until {@code nanoTime}, of {@link System#nanoTime}. */
    Duration until(long nanoTime) {
        return Duration.ofNanos(nanoTime - openedAt);
    }

    /** Nanoseconds from the opening until the body was read; 0 if it was not. */
    long nanosReading() {
        return readAt == 0 ? 0 : readAt - openedAt;
    }
}

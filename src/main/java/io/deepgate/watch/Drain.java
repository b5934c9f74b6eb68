package io.deepgate.watch;

import io.deepgate.admission.OpenCalls;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The process's end, before that of its web servers: no new call is taken, those in flight may end for a while, and the
 * rest is cut. Readiness has been withdrawn by Spring Boot just before.
 */
final class Drain implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Drain.class);
    private static final Duration REPORT = Duration.ofSeconds(5);
    /** For a client to take the last event, and then for its connection to be closed. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final OpenCalls calls;
    private final Duration timeout;
    private volatile boolean running;

    Drain(OpenCalls calls, Duration timeout) {
        this.calls = calls;
        this.timeout = timeout;
    }

    @Override
    public void start() {
        running = true;
    }

    /** Waits for the calls in flight, and not longer than the timeout and two seconds. */
    @Override
    public void stop() {
        running = false;
        calls.drain();
        int before = calls.count();
        if (before > 0) {
            log.info("Draining: {} calls in flight have {} s to end", before, timeout.toSeconds());
        }
        for (Duration left = timeout; calls.count() > 0 && left.isPositive(); left = left.minus(REPORT)) {
            await(left.compareTo(REPORT) < 0 ? left : REPORT);
            if (calls.count() > 0) {
                log.info("Draining: {} calls left", calls.count());
            }
        }
        int cut = calls.count();
        // The first time, streams get their last event; the second time, what a client has not taken is given up.
        for (int times = 0; times < 2 && calls.count() > 0; times++) {
            calls.cut();
            await(FAREWELL);
        }
        if (before > 0) {
            log.info("Drained: {} calls ended, {} were cut", before - cut, cut);
        }
    }

    private void await(Duration most) {
        try {
            calls.awaitDrained(most);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}

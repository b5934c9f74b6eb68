package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.deepgate.forward.UpstreamTimeoutException.Wait;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * The timers of one attempt once it is connected: first content, idle, total. When one runs out the connection is
 * closed, and {@link #fired} tells why. Content only notes the time; the one scheduled task looks at it when it wakes.
 */
final class CallTimer implements Runnable {

    /** How long an upstream may keep a connection open after the last byte that matters. */
    private static final long LINGER = Duration.ofSeconds(1).toNanos();

    private final Upstream upstream;
    private final long callStartedAt;
    private final LongSupplier nanoClock;
    private long startedAt;
    private long contentAt;
    private boolean done;
    private final AtomicReference<@Nullable Connection> connection = new AtomicReference<>();
    private volatile @Nullable EventLoop loop;
    private volatile boolean stopped;
    private volatile @Nullable Future<?> task;
    private volatile @Nullable UpstreamTimeoutException fired;

    /**
     * @param callStartedAt when the first attempt of the call began, from which the total time counts
     * @param nanoClock a monotonic clock, nanoseconds
     */
    CallTimer(Upstream upstream, long callStartedAt, LongSupplier nanoClock) {
        this.upstream = upstream;
        this.callStartedAt = callStartedAt;
        this.nanoClock = nanoClock;
    }

    /**
     * Starts the timers; on the event loop of {@code connection}, as all that follows. They stop when the upstream has sent
     * all: while a slow client still reads, the connection may already be closed, or serve another call.
     */
    void start(Connection connection) {
        this.connection.set(connection);
        connection.onTerminate().subscribe(null, null, () -> finish(connection));
        // Noted now: when all has been received, and be it not read yet, the connection shows a dummy for its channel:
        // without a loop, and deaf to being closed, since the real one may already serve another call.
        loop = connection.channel().eventLoop();
        startedAt = nanoClock.getAsLong();
        schedule(Math.min(untilContent(startedAt), untilTotal(startedAt)));
    }

    /** A call that is sent again has another connection by now, whose timers go on. */
    private void finish(Connection finished) {
        Future<?> scheduled = task;
        if (connection.compareAndSet(finished, null) && scheduled != null) {
            scheduled.cancel(false);
        }
    }

    void content() {
        boolean first = contentAt == 0;
        contentAt = nanoClock.getAsLong();
        if (first) {
            schedule(Math.min(untilContent(contentAt), untilTotal(contentAt)));
        }
    }

    /** All that matters of the answer is here; what is still to come has little time. */
    void done() {
        if (!done) {
            done = true;
            schedule(LINGER);
        }
    }

    /** Whatever happens from here on, no timer does it. */
    void stop() {
        stopped = true;
        Future<?> scheduled = task;
        if (scheduled != null) {
            scheduled.cancel(false);
        }
    }

    /**
     * Closes the connection on its own event loop, though no timer has run out.
     *
     * @return whether there is one
     */
    boolean cut() {
        EventLoop loop = this.loop;
        if (stopped || connection.get() == null || loop == null) {
            return false;
        }
        loop.execute(() -> {
            Connection current = connection.get();
            if (!stopped && current != null) {
                current.channel().close();
            }
        });
        return true;
    }

    long callStartedAt() {
        return callStartedAt;
    }

    @Nullable
    UpstreamTimeoutException fired() {
        return fired;
    }

    @Override
    public void run() {
        Connection current = connection.get();
        if (stopped || current == null) {
            return;
        }
        long now = nanoClock.getAsLong();
        long left = done ? 0 : Math.min(untilContent(now), untilTotal(now));
        if (left > 0) {
            schedule(left);
            return;
        }
        if (!done) {
            fired = expired(now);
        }
        current.channel().close();
    }

    private UpstreamTimeoutException expired(long now) {
        if (untilTotal(now) <= 0) {
            return new UpstreamTimeoutException(Wait.TOTAL, upstream.totalTimeout());
        }
        return contentAt == 0
                ? new UpstreamTimeoutException(Wait.FIRST_CONTENT, upstream.firstContentTimeout())
                : new UpstreamTimeoutException(Wait.IDLE, upstream.idleTimeout());
    }

    private long untilContent(long now) {
        return contentAt == 0
                ? startedAt + upstream.firstContentTimeout().toNanos() - now
                : contentAt + upstream.idleTimeout().toNanos() - now;
    }

    private long untilTotal(long now) {
        return upstream.totalTimeout().isZero()
                ? Long.MAX_VALUE
                : callStartedAt + upstream.totalTimeout().toNanos() - now;
    }

    private void schedule(long nanos) {
        Future<?> before = task;
        if (before != null) {
            before.cancel(false);
        }
        EventLoop loop = this.loop;
        if (loop != null && !stopped && connection.get() != null) {
            task = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
        }
    }
}

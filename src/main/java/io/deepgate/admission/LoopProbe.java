package io.deepgate.admission;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Goes from one event loop to the next and notes how long after its time it gets its turn there. */
final class LoopProbe implements Runnable, AutoCloseable {

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    private final EventExecutorGroup loops;
    private final Shedding shedding;
    private Iterator<EventExecutor> next;
    private long due;
    private volatile boolean closed;

    LoopProbe(EventExecutorGroup loops, Shedding shedding) {
        this.loops = loops;
        this.shedding = shedding;
        this.next = loops.iterator();
        if (!shedding.isOff()) {
            goOn(System.nanoTime());
        }
    }

    @Override
    public void run() {
        long now = System.nanoTime();
        shedding.waited(Math.max(0, now - due));
        if (!closed) {
            goOn(now);
        }
    }

    private void goOn(long now) {
        if (!next.hasNext()) {
            next = loops.iterator();
        }
        EventExecutor loop = next.next();
        due = now + PAUSE;
        if (!loop.isShuttingDown()) {
            loop.schedule(this, PAUSE, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}

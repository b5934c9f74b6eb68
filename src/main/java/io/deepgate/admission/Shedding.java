package io.deepgate.admission;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Refuses what an event loop comes to too late, because what a process can serve no number of calls says: what is let in
 * of one turn is work for a bounded time, however much waits. After Nichols and Jacobson, "Controlling Queue Delay", 2012:
 * what matters is a delay that stands, not one that passes.
 */
final class Shedding {

    /** For so long after a refusal the process is not well. */
    private static final long RECENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long target;
    private final FastThreadLocal<LoopTurn> turns = new FastThreadLocal<>() {
        @Override
        protected LoopTurn initialValue() {
            return new LoopTurn(target);
        }
    };
    private volatile long lastAt = System.nanoTime() - RECENT_NANOS;

    /** @param target the longest wait that is well, more than 0; zero sheds nothing */
    Shedding(Duration target) {
        this.target = target.toNanos();
    }

    /** Whether the call that {@code loop} has just come to is refused; to be asked there, of each call once. */
    boolean refuses(EventLoop loop) {
        if (target == 0) {
            return false;
        }
        long now = System.nanoTime();
        boolean late = turns.get().isLate(now, loop);
        if (late) {
            lastAt = now;
        }
        return late;
    }

    /** Whether calls have been refused just now. */
    boolean isRecent() {
        return System.nanoTime() - lastAt < RECENT_NANOS;
    }
}

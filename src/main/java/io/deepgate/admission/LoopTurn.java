package io.deepgate.admission;

import java.util.concurrent.Executor;

/** The turn of one event loop, in which it reads from all connections that have something; used on that loop alone. */
final class LoopTurn implements Runnable {

    private final long target;
    private boolean begun;
    private long startedAt;
    private long endedAt;
    private long lasted;

    /** @param target the longest turn that is well, nanoseconds */
    LoopTurn(long target) {
        this.target = target;
    }

    /**
     * Whether what is read at {@code now} has waited too long, and as long in the turn right before: a pause that passes, as
     * a garbage collection makes it, changes nothing.
     *
     * @param loop runs what it is given after all that it reads in this turn
     */
    boolean isLate(long now, Executor loop) {
        if (!begun) {
            begun = true;
            startedAt = now;
            loop.execute(this);
        }
        return now - startedAt > target && lasted > target && startedAt - endedAt < target;
    }

    /** All that was to be read has been. */
    @Override
    public void run() {
        end(System.nanoTime());
    }

    void end(long now) {
        begun = false;
        endedAt = now;
        lasted = now - startedAt;
    }
}

package io.deepgate.watch.replay;

import org.jspecify.annotations.Nullable;

/**
 * How much all calls together may cost, and how many begin in a minute. A call is thought to cost what the dearest has so far,
 * so that those in flight are counted; only the first ones, of which nothing is known, may go beyond.
 */
final class Budget {

    private static final long NANOS_PER_MINUTE = 60_000_000_000L;

    private final @Nullable Long most;
    private final long pause;
    private long spent;
    private long dearest;
    private int inFlight;
    private long next = System.nanoTime();

    /**
     * @param most nanodollars, null for whatever
     * @param perMinute calls, 0 for whatever
     * @param spent what runs before have spent
     */
    Budget(@Nullable Long most, int perMinute, long spent) {
        this.most = most;
        this.spent = spent;
        pause = perMinute == 0 ? 0 : NANOS_PER_MINUTE / perMinute;
    }

    /** Waits for the call's turn; tells whether there is money for it. */
    boolean begin() throws InterruptedException {
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            wait = Math.max(0, next - now);
            next = Math.max(now, next) + pause;
        }
        Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
        synchronized (this) {
            if (most != null && (spent >= most || spent + (inFlight + 1) * dearest > most)) {
                return false;
            }
            inFlight++;
            return true;
        }
    }

    synchronized void end(long cost) {
        inFlight--;
        spent += cost;
        dearest = Math.max(dearest, cost);
    }

    /** Nanodollars, by runs before as well. */
    synchronized long spent() {
        return spent;
    }
}

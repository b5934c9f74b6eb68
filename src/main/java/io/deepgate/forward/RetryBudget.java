package io.deepgate.forward;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Bounds the retries at one upstream to a share of its calls of the last minute, so that an outage is not doubled. */
final class RetryBudget {

    private static final int SLICES = 6;
    private static final long SLICE = TimeUnit.SECONDS.toNanos(10);

    private final double share;
    private final int least;
    private final LongSupplier nanoClock;
    private final long[] attempts = new long[SLICES];
    private final long[] retries = new long[SLICES];
    private long slice;

    /**
     * @param share of the calls, 0 to 1
     * @param least retries a minute that are allowed however few the calls are
     * @param nanoClock a monotonic clock, nanoseconds
     */
    RetryBudget(double share, int least, LongSupplier nanoClock) {
        this.share = share;
        this.least = least;
        this.nanoClock = nanoClock;
        this.slice = Math.floorDiv(nanoClock.getAsLong(), SLICE);
    }

    /** An attempt is made, be it a retry. */
    synchronized void attempted() {
        attempts[now()]++;
    }

    /** Takes a retry, if one is left. */
    synchronized boolean tryRetry() {
        int now = now();
        long retried = sum(retries);
        if (retried + 1 > Math.max(least, share * (sum(attempts) - retried))) {
            return false;
        }
        retries[now]++;
        return true;
    }

    /** The place of this moment's slice; those that have passed since the last are empty. */
    private int now() {
        long current = Math.floorDiv(nanoClock.getAsLong(), SLICE);
        for (long next = Math.max(slice + 1, current - SLICES + 1); next <= current; next++) {
            attempts[Math.floorMod(next, SLICES)] = 0;
            retries[Math.floorMod(next, SLICES)] = 0;
        }
        slice = current;
        return Math.floorMod(current, SLICES);
    }

    private static long sum(long[] slices) {
        long sum = 0;
        for (long count : slices) {
            sum += count;
        }
        return sum;
    }
}

package io.deepgate.admission;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The share of calls that are refused while event loops are late, because what a process can serve no number of calls says.
 * It grows while most of the last waits were longer than they should be, and shrinks while they were not: slowly where they
 * show that there is work enough, lest the next wave comes in whole. A single long one, as a garbage collection makes it,
 * changes nothing. After Nichols and Jacobson, "Controlling Queue Delay", 2012: what
 * matters is a delay that stands, not one that passes.
 */
final class Shedding {

    /** Waits that decide together. */
    private static final int WAITS = 8;

    private static final double MORE = 0.1;
    private static final double LESS = 0.05;
    private static final double LITTLE_LESS = 0.01;
    /** Of the target, up to which waits are those of a process that has little to do. */
    private static final double SHORT = 0.1;
    /** Some are let in always, so that the waits show whether more could be. */
    private static final double MOST = 0.95;

    private final long target;
    private final long[] waits = new long[WAITS];
    private int count;
    private volatile double share;

    /** @param target the longest wait that is well, more than 0; zero sheds nothing */
    Shedding(Duration target) {
        this.target = target.toNanos();
    }

    boolean isOff() {
        return target == 0;
    }

    /** Something has waited so long for its turn on an event loop, nanoseconds; from one thread at a time. */
    void waited(long nanos) {
        waits[count++] = nanos;
        if (count == WAITS) {
            count = 0;
            Arrays.sort(waits);
            double late = (double) waits[WAITS / 2] / target;
            // Twice as late, twice as fast.
            share = late > 1
                    ? Math.min(MOST, share + MORE * Math.min(late, 4))
                    : Math.max(0, share - (late > SHORT ? LITTLE_LESS : LESS));
        }
    }

    /** Of the calls, 0 to {@value #MOST}. */
    double share() {
        return share;
    }

    /** Whether the next call is one of those that are refused. */
    boolean refuses() {
        double share = this.share;
        return share > 0 && ThreadLocalRandom.current().nextDouble() < share;
    }
}

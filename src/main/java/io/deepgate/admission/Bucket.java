package io.deepgate.admission;

/**
 * A token bucket: holds at most {@code perMinute} units, starts full, and fills at {@code perMinute} units a minute.
 * Settling may take it below zero, into debt, which later calls wait out. Not thread-safe; times are nanoseconds of a
 * monotonic clock.
 */
final class Bucket {

    private static final double NANOS_PER_MINUTE = 60e9;

    /** More than floating point is wrong by, and less than anyone could notice: what fills in a nanosecond. */
    private static final double ROUNDING = 1 / NANOS_PER_MINUTE;

    private final long perMinute;
    private double level;
    private long filledAt;

    Bucket(long perMinute, long now) {
        this.perMinute = perMinute;
        this.level = perMinute;
        this.filledAt = now;
    }

    long perMinute() {
        return perMinute;
    }

    /** Units that can be claimed now; negative while in debt. */
    double level(long now) {
        // Another thread may have looked at the clock later and been here before.
        if (now - filledAt > 0) {
            level = Math.min(perMinute, level + (now - filledAt) * (perMinute / NANOS_PER_MINUTE));
            filledAt = now;
        }
        return level;
    }

    /** Whole units that can be claimed now, 0 in debt. */
    long units(long now) {
        return (long) Math.max(0, level(now) + ROUNDING * perMinute);
    }

    /**
     * How long until {@code units} can be claimed, 0 if now. More units than the bucket holds are let in when it is
     * full: a limit below one call's claim must not be a wall.
     */
    long nanosUntil(long units, long now) {
        double missing = Math.min(units, perMinute) - level(now);
        return missing <= ROUNDING * perMinute ? 0 : (long) Math.ceil(missing * (NANOS_PER_MINUTE / perMinute));
    }

    /** Takes units out, or with a negative number puts them back. */
    void take(long units, long now) {
        level = Math.min(perMinute, level(now) - units);
    }

    /** Learns how many units there are. */
    void set(double units, long now) {
        level = Math.min(perMinute, units);
        filledAt = now;
    }
}

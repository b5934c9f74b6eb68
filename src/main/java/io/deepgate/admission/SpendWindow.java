package io.deepgate.admission;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/** A budget's window and what was spent in it. A call counts in the window that it was admitted in. Not thread-safe. */
final class SpendWindow {

    private final BudgetKind kind;
    private final ZonedDateTime start;
    private final ZonedDateTime end;
    private final long endMillis;
    private final long nextEndMillis;
    private long spent;

    SpendWindow(BudgetKind kind, Instant at, ZoneId zone) {
        this.kind = kind;
        this.start = kind.start(at, zone);
        this.end = kind.end(start);
        this.endMillis = end.toInstant().toEpochMilli();
        this.nextEndMillis = kind.end(end).toInstant().toEpochMilli();
    }

    boolean covers(long millis, ZoneId zone) {
        return millis < endMillis && zone.equals(start.getZone());
    }

    Instant start() {
        return start.toInstant();
    }

    ZonedDateTime end() {
        return end;
    }

    /** Nano-dollars or tokens. */
    long spent() {
        return spent;
    }

    /** Milliseconds of the epoch. */
    long endMillis() {
        return endMillis;
    }

    /** When the window after this one ends, milliseconds of the epoch. */
    long nextEndMillis() {
        return nextEndMillis;
    }

    /** @param times how often it counts, negative to take it back */
    void add(Spent more, int times) {
        spent += times * kind.amount(more);
    }

    /** Learns what was spent. */
    void set(long nanosOrTokens) {
        spent = nanosOrTokens;
    }

    /** Learns of spending that was recorded elsewhere, of which some may have been counted here. */
    void atLeast(Spent recorded) {
        spent = Math.max(spent, kind.amount(recorded));
    }
}

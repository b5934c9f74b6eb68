package io.deepgate.forward;

/**
 * How many calls an upstream takes at once, as far as its refusals show. It falls at once to what a 429 names, or in
 * proportion when that names nothing, and rises slowly while it is reached and nothing is refused: by 1, then 2, then 4….
 * Not thread-safe.
 */
final class ConcurrencyLimit {

    /** What is left of the concurrency that was refused without saying what would not be. */
    private static final double UNNAMED = 0.75;

    /** A twentieth less when a 429 names a limit that we alone do not exceed, and not just once. */
    private static final int SHARED = 20;

    private int most;
    private final long interval;
    private int limit;
    private int step = 1;
    private long changedAt;
    private long fellAt;
    private boolean unnamed;
    private int served;
    private boolean strayed;
    private long strayedAt;

    /**
     * @param most where it begins, and above which it never rises
     * @param interval nanoseconds between two rises
     * @param now nanoseconds
     */
    ConcurrencyLimit(int most, long interval, long now) {
        this.most = most;
        this.limit = most;
        this.interval = interval;
        this.changedAt = now;
        this.fellAt = now;
    }

    int current() {
        return limit;
    }

    /** Another limit is configured: above it this never rises; one that has not fallen goes there at once. */
    void most(int most) {
        limit = limit == this.most ? most : Math.min(limit, most);
        this.most = most;
    }

    /**
     * The upstream has answered 429. What had been sent before the limit last fell says nothing new, unless it names less.
     *
     * @param sentAt when the attempt began
     * @param inUse attempts that were open then, this one included
     * @param named the limit that the answer names, 0 if it names none
     */
    void refused(long sentAt, int inUse, int named, long now) {
        if (named > 0 && named < limit) {
            fall(named, now);
        } else if (named == 0 && sentAt - fellAt >= 0) {
            fall((int) (Math.min(limit, inUse) * UNNAMED), now);
            unnamed = true;
            served = 0;
        } else if (sentAt - fellAt >= 0) {
            strayed(sentAt, now);
        }
    }

    /** Once may be that the upstream still counted a call that had ended; again is that others share its limit. */
    private void strayed(long sentAt, long now) {
        if (strayed && sentAt - strayedAt >= 0 && now - strayedAt < interval) {
            fall(limit - Math.max(1, limit / SHARED), now);
        } else if (!strayed || now - strayedAt >= interval) {
            strayed = true;
            strayedAt = now;
        }
    }

    /**
     * The upstream has answered without 429. All that were open when a refusal named nothing, and are served, it took at once;
     * the refused one, which says how many it did not take, may have been sent later than others that began after it.
     *
     * @param sentAt when the attempt began
     */
    void served(long sentAt) {
        if (unnamed && sentAt - fellAt < 0) {
            served++;
            limit = Math.max(limit, Math.min(most, (int) (served * UNNAMED)));
        }
    }

    private void fall(int to, long now) {
        strayed = false;
        unnamed = false;
        limit = Math.max(1, to);
        step = 1;
        changedAt = now;
        fellAt = now;
    }

    /** The limit is reached, and the upstream has answered without 429. */
    void reached(long now) {
        if (limit < most && now - changedAt >= interval) {
            limit = (int) Math.min(most, (long) limit + step);
            step = Math.min(most, step * 2);
            changedAt = now;
        }
    }
}

package io.deepgate.admission;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is taken for a call, and where: that is where it is settled. What came after it, for a limit that has changed or in
 * a new window, never held it.
 *
 * @param promptByBytes the prompt's tokens as its bytes suggested
 * @param spent the tokens and the cost that are claimed
 * @param weight how many replicas are presumed to take the same at the same time
 */
record Claim(
        @Nullable Bucket requests,
        @Nullable Bucket tokens,
        Map<BudgetKind, SpendWindow> windows,
        long promptByBytes,
        Spent spent,
        int weight) {

    /**
     * Takes the claim out of where it is taken.
     *
     * @param times how often, negative to put it back
     * @param now nanoseconds of the buckets' clock
     */
    void take(int times, long now) {
        take(requests, times, now);
        take(tokens, times * spent.tokens(), now);
        for (SpendWindow window : windows.values()) {
            window.add(spent, times);
        }
    }

    /** Puts back what was claimed too much, and takes what was used beyond. */
    void settle(Spent used, long now) {
        take(tokens, weight * (used.tokens() - spent.tokens()), now);
        for (SpendWindow window : windows.values()) {
            window.add(spent, -weight);
            window.add(used, weight);
        }
    }

    private static void take(@Nullable Bucket bucket, long units, long now) {
        if (bucket != null && units != 0) {
            bucket.take(units, now);
        }
    }
}

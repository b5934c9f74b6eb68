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
        int weight) {}

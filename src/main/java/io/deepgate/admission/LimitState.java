package io.deepgate.admission;

import java.util.Map;

/**
 * How a tenant's limits stand in a store.
 *
 * @param requests units in the bucket, negative in debt; without meaning where there is no limit
 * @param tokens the same of tokens
 * @param open calls, those of other replicas too
 */
record LimitState(double requests, double tokens, long open, Map<BudgetKind, Window> budgets) {

    /**
     * What was spent of a budget.
     *
     * @param amount nano-dollars or tokens
     * @param endMillis when its window ends, milliseconds of the epoch
     */
    record Window(long amount, long endMillis) {}
}

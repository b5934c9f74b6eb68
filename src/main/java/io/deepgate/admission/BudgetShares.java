package io.deepgate.admission;

import java.util.List;

/**
 * Shares of a budget at which its tenant is warned.
 *
 * @param ascending above 0 and below 1
 */
record BudgetShares(List<Double> ascending) {

    BudgetShares {
        ascending = ascending.stream().sorted().toList();
        for (double share : ascending) {
            if (share <= 0 || share >= 1) {
                throw new IllegalArgumentException("gateway.admission.budget-warnings has " + share
                        + ": write shares of a budget, above 0 and below 1");
            }
        }
    }

    /** The highest share that {@code used} has reached, 0 for none. */
    double reached(double used) {
        double reached = 0;
        for (double share : ascending) {
            if (used >= share) {
                reached = share;
            }
        }
        return reached;
    }
}

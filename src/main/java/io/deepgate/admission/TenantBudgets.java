package io.deepgate.admission;

import io.deepgate.access.Budget;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One tenant's budgets and the windows that run now. Not thread-safe. */
final class TenantBudgets {

    private Budget budget = Budget.NONE;
    private Map<BudgetKind, SpendWindow> windows = Map.of();

    /**
     * Starts a window for each budget that has none: it is new, its zone is, or the last one is over.
     *
     * @param millis of the epoch
     */
    void adopt(Budget now, long millis) {
        if (now.equals(budget) && cover(millis)) {
            return;
        }
        Map<BudgetKind, SpendWindow> running = new EnumMap<>(BudgetKind.class);
        for (BudgetKind kind : BudgetKind.values()) {
            if (kind.limit(now) != null) {
                SpendWindow last = windows.get(kind);
                boolean goesOn = last != null && last.covers(millis, now.zone());
                running.put(kind, goesOn ? last : new SpendWindow(kind, Instant.ofEpochMilli(millis), now.zone()));
            }
        }
        budget = now;
        windows = running;
    }

    private boolean cover(long millis) {
        for (SpendWindow window : windows.values()) {
            if (!window.covers(millis, budget.zone())) {
                return false;
            }
        }
        return true;
    }

    /** The windows that run now; it becomes another map when one of them is over. */
    Map<BudgetKind, SpendWindow> windows() {
        return windows;
    }

    /** What was spent of the budget, 1 for all of it, 0 where there is none. */
    double share(BudgetKind kind) {
        SpendWindow window = windows.get(kind);
        Long limit = kind.limit(budget);
        return window == null || limit == null ? 0 : window.spent() / (double) limit;
    }

    /** Why a call cannot be admitted, null if no budget is spent. */
    @Nullable
    LimitExceededException refusal(long millis) {
        for (BudgetKind kind : windows.keySet()) {
            if (share(kind) >= 1) {
                return refusal(kind, Instant.ofEpochMilli(millis));
            }
        }
        return null;
    }

    private LimitExceededException refusal(BudgetKind kind, Instant now) {
        String limit = kind.written(Objects.requireNonNull(kind.limit(budget)));
        SpendWindow window = Objects.requireNonNull(windows.get(kind));
        return Refusals.budget(
                limit, renewal(window), Duration.between(now, window.end().toInstant()));
    }

    /**
     * Which budgets are spent to at least one of the {@code shares}, such as {@code usd-per-day; used=0.8; renews=…};
     * null if none is.
     */
    @Nullable
    String warning(BudgetShares shares) {
        StringBuilder warning = new StringBuilder(0);
        for (Map.Entry<BudgetKind, SpendWindow> window : windows.entrySet()) {
            double reached = shares.reached(share(window.getKey()));
            if (reached > 0) {
                warning.append(warning.isEmpty() ? "" : ", ")
                        .append(window.getKey().label())
                        .append("; used=")
                        .append(reached)
                        .append("; renews=")
                        .append(renewal(window.getValue()));
            }
        }
        return warning.isEmpty() ? null : warning.toString();
    }

    private static String renewal(SpendWindow window) {
        return window.end().format(DateTimeFormatter.ISO_OFFSET_DATE_TIME);
    }
}

package io.deepgate.usage;

import java.util.List;

/** The last calls that were meant for one side of a rollout, in figures. */
final class Side {

    private final int calls;
    private final int errors;
    private final int completed;
    private final int incomplete;
    private final double[] firstTokens;
    private final double[] costs;

    Side(int calls, int errors, int completed, int incomplete, double[] firstTokens, double[] costs) {
        this.calls = calls;
        this.errors = errors;
        this.completed = completed;
        this.incomplete = incomplete;
        this.firstTokens = firstTokens;
        this.costs = costs;
    }

    /** That of {@code calls}. */
    static Side of(List<CallRecord> calls) {
        Window window = new Window(Math.max(1, calls.size()));
        calls.forEach(window::add);
        return window.side();
    }

    int calls() {
        return calls;
    }

    /** Those that failed, were refused by the upstream, or failed over to the other side or another route. */
    int errors() {
        return errors;
    }

    /** Those that ended as they should, by this side. */
    int completed() {
        return completed;
    }

    /** Those of the completed whose answers were cut off, filtered or empty. */
    int incomplete() {
        return incomplete;
    }

    /** Until the first token of streams, nanoseconds, sorted. */
    double[] firstTokens() {
        return firstTokens;
    }

    /** Of the completed with a price, nanodollars. */
    double[] costs() {
        return costs;
    }
}

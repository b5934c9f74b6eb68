package io.deepgate.usage;

import io.deepgate.relay.Finish;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** The last calls that were meant for one side of a rollout; what was the caller's doing is none. */
final class Window {

    private static final double NONE = -1;

    private enum End {
        ERROR,
        COMPLETE,
        INCOMPLETE,
        /** Neither: the client left. */
        LEFT
    }

    private final End[] ends;
    private final double[] firstTokens;
    private final double[] costs;
    private long calls;

    Window(int size) {
        ends = new End[size];
        firstTokens = new double[size];
        costs = new double[size];
    }

    /** Whether {@code call} says something of the model that it was meant for. */
    static boolean counts(CallRecord call) {
        return call.outcome() != Outcome.REJECTED;
    }

    void add(CallRecord call) {
        int at = (int) (calls++ % ends.length);
        End end = end(call);
        ends[at] = end;
        boolean own = !call.failedOver();
        firstTokens[at] =
                own && call.timeToFirstToken() != null ? call.timeToFirstToken().toNanos() : NONE;
        costs[at] = own && call.outcome() == Outcome.COMPLETED && call.cost() != null ? call.cost() : NONE;
    }

    private static End end(CallRecord call) {
        if (call.failedOver()) {
            return End.ERROR;
        }
        Finish finish = call.finish();
        return switch (call.outcome()) {
            case COMPLETED -> finish != null && finish.incomplete() ? End.INCOMPLETE : End.COMPLETE;
            case CANCELLED -> End.LEFT;
            case REJECTED, REFUSED, FAILED, TIMED_OUT -> End.ERROR;
        };
    }

    /** Those that have been added since ever. */
    long calls() {
        return calls;
    }

    Side side() {
        int size = (int) Math.min(calls, ends.length);
        int incomplete = count(End.INCOMPLETE, size);
        return new Side(
                size - count(End.LEFT, size),
                count(End.ERROR, size),
                count(End.COMPLETE, size) + incomplete,
                incomplete,
                known(firstTokens, size).sorted().toArray(),
                known(costs, size).toArray());
    }

    private int count(End end, int size) {
        return (int) Arrays.stream(ends, 0, size).filter(end::equals).count();
    }

    private static DoubleStream known(double[] figures, int size) {
        return Arrays.stream(figures, 0, size).filter(figure -> figure != NONE);
    }
}

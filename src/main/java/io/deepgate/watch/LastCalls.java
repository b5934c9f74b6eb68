package io.deepgate.watch;

import io.deepgate.usage.CallRecord;
import io.deepgate.usage.RecordSink;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The calls that ended last, for operators to look at. */
final class LastCalls implements RecordSink {

    private static final int MOST = 50;

    private final Deque<CallRecord> calls = new ArrayDeque<>(MOST);

    @Override
    public synchronized void add(CallRecord call) {
        if (calls.size() == MOST) {
            calls.removeLast();
        }
        calls.addFirst(call);
    }

    /** The latest first. */
    synchronized List<CallRecord> latest() {
        return List.copyOf(calls);
    }
}

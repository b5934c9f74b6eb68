package io.deepgate.usage;

import java.util.List;

/** Hands the record of each call to all that want it. */
public final class UsageRecorder {

    private final List<RecordSink> sinks;

    UsageRecorder(List<RecordSink> sinks) {
        this.sinks = sinks;
    }

    public void record(CallRecord call) {
        sinks.forEach(sink -> sink.add(call));
    }
}

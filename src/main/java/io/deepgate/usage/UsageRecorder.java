package io.deepgate.usage;

import java.util.List;

/** Hands the record of each call to all that want it. */
public final class UsageRecorder {

    private final List<RecordSink> sinks;
    private final Journal journal;

    UsageRecorder(List<RecordSink> sinks, Journal journal) {
        this.sinks = sinks;
        this.journal = journal;
    }

    /** @throws JournalFullException if a call could not be recorded, and is to be refused then */
    public void requireRoom() {
        journal.requireRoom();
    }

    /** Keeps a call that no caller made, and tells nobody else of it. */
    public void shadowed(CallRecord call) {
        journal.add(call);
    }

    public void record(CallRecord call) {
        // First where it survives us.
        journal.add(call);
        sinks.forEach(sink -> sink.add(call));
    }
}

package io.deepgate.usage;

/** Takes the record of every call as it ends, on the thread that ended it: without waiting and without failing. */
public interface RecordSink {

    void add(CallRecord call);
}

package io.deepgate.usage;

/** Where calls' records go. Takes a record without waiting and without failing. */
public final class UsageRecorder {

    private final UsageMeters meters;
    private final CallLog log;

    UsageRecorder(UsageMeters meters, CallLog log) {
        this.meters = meters;
        this.log = log;
    }

    public void record(CallRecord call) {
        meters.record(call);
        log.add(call);
    }
}

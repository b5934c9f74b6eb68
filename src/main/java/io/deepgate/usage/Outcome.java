package io.deepgate.usage;

/** How a call ended; every call ends in exactly one of these. */
public enum Outcome {
    COMPLETED,
    /** The client left, before or during the body. */
    CANCELLED,
    /** Refused here; the upstream was never called. */
    REJECTED,
    /** The upstream answered 4xx. */
    REFUSED,
    /** The upstream failed: 5xx, reset, garbage. */
    FAILED,
    /** A timer fired. */
    TIMED_OUT
}

package io.deepgate.forward;

import java.time.Duration;

/** The circuit breaker is open: the upstream has failed too often lately and is not called. */
public final class CircuitOpenException extends RuntimeException {

    private final Duration retryAfter;

    CircuitOpenException(String slug, Duration retryAfter) {
        super(
                "Calls to '" + slug + "' have failed too often lately, so for a while none is sent. Try again later.",
                null,
                false,
                false);
        this.retryAfter = retryAfter;
    }

    /** When the next probe is let through, at the latest. */
    public Duration retryAfter() {
        return retryAfter;
    }
}

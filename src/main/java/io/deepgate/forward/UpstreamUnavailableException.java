package io.deepgate.forward;

import org.jspecify.annotations.Nullable;

/** The upstream failed: refused the connection, reset it, answered 5xx, or answered what is no answer. */
public final class UpstreamUnavailableException extends RuntimeException {

    private final int status;
    private final boolean passing;

    /**
     * @param message a sentence for the caller
     * @param status what the caller is told, 502 or 503
     */
    public UpstreamUnavailableException(String message, int status, @Nullable Throwable cause) {
        this(message, status, cause, false);
    }

    /** @param passing whether the same call may well succeed in a moment */
    UpstreamUnavailableException(String message, int status, @Nullable Throwable cause, boolean passing) {
        super(message, cause, false, false);
        this.status = status;
        this.passing = passing;
    }

    boolean passing() {
        return passing;
    }

    public int status() {
        return status;
    }
}

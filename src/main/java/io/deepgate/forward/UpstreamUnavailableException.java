package io.deepgate.forward;

import org.jspecify.annotations.Nullable;

/** The upstream failed: refused the connection, reset it, answered 5xx, or answered what is no answer. */
public final class UpstreamUnavailableException extends RuntimeException {

    private final int status;

    /**
     * @param message a sentence for the caller
     * @param status what the caller is told, 502 or 503
     */
    public UpstreamUnavailableException(String message, int status, @Nullable Throwable cause) {
        super(message, cause, false, false);
        this.status = status;
    }

    public int status() {
        return status;
    }
}

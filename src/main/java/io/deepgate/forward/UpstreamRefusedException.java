package io.deepgate.forward;

import org.jspecify.annotations.Nullable;

/** The upstream answered 4xx: it is well, but does not take this call. */
public final class UpstreamRefusedException extends RuntimeException {

    private final int status;
    private final String body;
    private final @Nullable String contentType;
    private final @Nullable String retryAfter;

    UpstreamRefusedException(int status, String body, @Nullable String contentType, @Nullable String retryAfter) {
        super("The upstream answered " + status, null, false, false);
        this.status = status;
        this.body = body;
        this.contentType = contentType;
        this.retryAfter = retryAfter;
    }

    public int status() {
        return status;
    }

    /** What it said, with our key masked. */
    public String body() {
        return body;
    }

    public @Nullable String contentType() {
        return contentType;
    }

    /** Its {@code retry-after}, as it came. */
    public @Nullable String retryAfter() {
        return retryAfter;
    }
}

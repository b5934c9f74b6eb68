package io.deepgate.forward;

import org.jspecify.annotations.Nullable;

/** The upstream answered 4xx: it is well, but does not take this call. */
public final class UpstreamRefusedException extends RuntimeException {

    private static final String CONCURRENCY_LIMIT = "exceeds your concurrency limit of ";

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

    /** The concurrency limit that a 429 of DeepSeek names, 0 if it names none. */
    int concurrencyLimit() {
        int at = status == 429 ? body.indexOf(CONCURRENCY_LIMIT) : -1;
        if (at < 0) {
            return 0;
        }
        long limit = 0;
        for (int i = at + CONCURRENCY_LIMIT.length(); i < body.length() && limit < Integer.MAX_VALUE; i++) {
            char digit = body.charAt(i);
            if (digit < '0' || digit > '9') {
                break;
            }
            limit = limit * 10 + (digit - '0');
        }
        return (int) Math.min(limit, Integer.MAX_VALUE);
    }
}

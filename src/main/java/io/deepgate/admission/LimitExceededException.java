package io.deepgate.admission;

import java.time.Duration;
import java.util.Locale;

/** A tenant's limit or budget is spent. Nothing was claimed. */
public final class LimitExceededException extends RuntimeException {

    /** Which of a tenant's limits. */
    public enum Limit {
        REQUESTS,
        TOKENS,
        CONCURRENCY,
        BUDGET;

        /** As error types and meters name it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Limit limit;
    private final Duration retryAfter;

    LimitExceededException(Limit limit, String message, Duration retryAfter) {
        super(message, null, false, false);
        this.limit = limit;
        this.retryAfter = retryAfter;
    }

    public Limit limit() {
        return limit;
    }

    /** How long until the same call would be admitted if nothing else came before it. */
    public Duration retryAfter() {
        return retryAfter;
    }
}

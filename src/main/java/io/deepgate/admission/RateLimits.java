package io.deepgate.admission;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's limits at one moment, as answers show them.
 *
 * @param requests requests per minute
 * @param tokens tokens per minute
 * @param budgetWarning budgets that are spent so far that the tenant is warned, null for none
 */
public record RateLimits(
        Window requests, Window tokens, @Nullable String budgetWarning) {

    /**
     * @param limit units a minute, 0 where there is no limit
     * @param remaining units that can be claimed now, never negative
     * @param resetNanos nanoseconds until all units are there again
     */
    public record Window(long limit, long remaining, long resetNanos) {

        static final Window UNLIMITED = new Window(0, 0, 0);
    }

    /**
     * The headers {@code x-ratelimit-{limit,remaining,reset}-{requests,tokens}} as OpenAI writes them, and
     * {@code x-budget-warning}.
     */
    public void forEachHeader(BiConsumer<String, String> headers) {
        write(
                headers,
                requests,
                "x-ratelimit-limit-requests",
                "x-ratelimit-remaining-requests",
                "x-ratelimit-reset-requests");
        write(headers, tokens, "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens");
        if (budgetWarning != null) {
            headers.accept("x-budget-warning", budgetWarning);
        }
    }

    private static void write(
            BiConsumer<String, String> headers, Window window, String limit, String remaining, String reset) {
        if (window.limit > 0) {
            headers.accept(limit, Long.toString(window.limit));
            headers.accept(remaining, Long.toString(window.remaining));
            headers.accept(reset, duration(window.resetNanos));
        }
    }

    /** OpenAI's form, rounded up: {@code 20ms}, {@code 7s}, {@code 6m0s}. */
    static String duration(long nanos) {
        long millis = Math.ceilDiv(nanos, 1_000_000L);
        if (millis < 1000) {
            return millis + "ms";
        }
        long seconds = Math.ceilDiv(millis, 1000L);
        return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
    }
}

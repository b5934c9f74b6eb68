package io.deepgate.access;

import org.jspecify.annotations.Nullable;

/**
 * What a tenant may use; a limit that is null does not apply.
 *
 * @param requestsPerMinute calls admitted per minute, at least 1
 * @param tokensPerMinute prompt and completion tokens per minute, at least 1
 * @param concurrentRequests calls open at one time, at least 1
 */
public record Limits(
        @Nullable Long requestsPerMinute,
        @Nullable Long tokensPerMinute,
        @Nullable Long concurrentRequests) {

    /** No limit at all. */
    public static final Limits NONE = new Limits(null, null, null);

    public Limits {
        positive("requests-per-minute", requestsPerMinute);
        positive("tokens-per-minute", tokensPerMinute);
        positive("concurrent-requests", concurrentRequests);
    }

    private static void positive(String name, @Nullable Long limit) {
        if (limit != null && limit < 1) {
            throw new IllegalArgumentException(
                    name + " is " + limit + ": write 1 or more, or leave it out for no limit");
        }
    }
}

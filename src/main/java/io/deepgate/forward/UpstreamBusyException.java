package io.deepgate.forward;

import java.time.Duration;

/** All calls that the upstream takes at once are in flight, and too many wait already, or this one did for too long. */
public final class UpstreamBusyException extends RuntimeException {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    UpstreamBusyException(String slug) {
        super(
                "The upstream takes no more calls to '" + slug
                        + "' at once just now, and others wait; this is not your tenant's own limit. Try again later.",
                null,
                false,
                false);
    }

    public Duration retryAfter() {
        return RETRY_AFTER;
    }
}

package io.deepgate.api;

import java.time.Duration;

/** The client did not send its body in time. */
public final class RequestTimeoutException extends RuntimeException {

    RequestTimeoutException(Duration timeout) {
        super("The request body did not arrive within " + timeout.toSeconds() + " s.", null, false, false);
    }
}

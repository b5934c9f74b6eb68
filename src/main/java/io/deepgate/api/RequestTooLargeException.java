package io.deepgate.api;

/** The body is larger than the gateway takes. */
public final class RequestTooLargeException extends RuntimeException {

    RequestTooLargeException(long limit) {
        super("The request body is larger than " + limit + " bytes, the most this gateway takes.", null, false, false);
    }
}

package io.deepgate.access;

import org.springframework.security.core.AuthenticationException;

/** No key, a malformed, an unknown or an expired one; deliberately the same to the caller. */
public final class InvalidApiKeyException extends AuthenticationException {

    InvalidApiKeyException() {
        super("The API key is missing, unknown or expired. Send a valid one as \"Authorization: Bearer dg-…\".");
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}

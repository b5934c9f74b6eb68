package io.deepgate.access;

/** The tenants file cannot be used; the message names the file, the line where there is one, and the mend. */
public final class InvalidTenantsException extends RuntimeException {

    InvalidTenantsException(String message) {
        super(message);
    }
}

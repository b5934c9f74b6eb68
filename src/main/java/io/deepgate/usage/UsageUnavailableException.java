package io.deepgate.usage;

/** The ledger cannot be read just now, or too many want to. */
public final class UsageUnavailableException extends RuntimeException {

    UsageUnavailableException(Throwable cause) {
        super("Usage cannot be read just now. Calls are not affected; try again later.", cause, false, false);
    }
}

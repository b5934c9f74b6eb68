package io.deepgate.admission;

/** This process has as much to do as it can bear; the call is refused before it costs anything. */
public final class OverloadedException extends RuntimeException {

    public OverloadedException() {
        super("This gateway is overloaded just now; it is not your tenant's own limit. Try again.", null, false, false);
    }
}

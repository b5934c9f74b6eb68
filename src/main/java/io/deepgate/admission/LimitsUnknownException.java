package io.deepgate.admission;

/** Redis does not answer, and the policy for that is to refuse. */
public final class LimitsUnknownException extends RuntimeException {

    LimitsUnknownException() {
        super("The gateway cannot tell just now what your tenant may use. Try again in a moment.", null, false, false);
    }
}

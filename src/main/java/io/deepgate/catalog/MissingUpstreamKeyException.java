package io.deepgate.catalog;

/** An upstream has no key, so that no call could succeed. */
public final class MissingUpstreamKeyException extends RuntimeException {

    MissingUpstreamKeyException(String upstream) {
        super("There is no key for the upstream '" + upstream + "'.", null, false, false);
    }
}

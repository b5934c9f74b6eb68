package io.deepgate.catalog;

/** An upstream has no key, so that no call could succeed. */
public final class MissingUpstreamKeyException extends RuntimeException {

    MissingUpstreamKeyException(String upstream) {
        this(upstream, "set " + property(upstream) + ".");
    }

    /** @param reason a clause without anything that a key may be made of */
    MissingUpstreamKeyException(String upstream, String reason) {
        super("There is no key for the upstream '" + upstream + "': " + reason, null, false, false);
    }

    private static String property(String upstream) {
        String property = "gateway.catalog.upstreams." + upstream + ".api-key";
        return upstream.equals(CatalogProperties.DEFAULT_UPSTREAM) ? "DEEPSEEK_API_KEY or " + property : property;
    }
}

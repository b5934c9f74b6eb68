package io.deepgate.catalog;

import io.deepgate.catalog.Candidate.Shadow;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A candidate that is asked some of stable's calls too, behind the callers' backs. */
public record Shadowed(Route candidate, Shadow shadow, Catalog catalog) {

    public String alias() {
        return candidate.alias();
    }

    /** What it costs at {@code moment}; null if that is not known. */
    public @Nullable Price price(Instant moment) {
        return catalog.price(candidate.slug(), moment);
    }

    @Override
    public String toString() {
        return "Shadowed[" + candidate.slug() + "]";
    }
}

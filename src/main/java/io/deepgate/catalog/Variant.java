package io.deepgate.catalog;

import java.util.Locale;

/** Which of two sides a call belongs to, where an alias has a candidate. */
public enum Variant {
    STABLE,
    CANDIDATE;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Its name in meters, logs and the ledger. */
    public String label() {
        return label;
    }
}

package io.deepgate.catalog;

import java.util.Locale;

/** Which side a call belongs to, where an alias has a candidate. */
public enum Variant {
    STABLE,
    CANDIDATE,
    /** Asked of the candidate behind the back of whoever asked stable. */
    SHADOW;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Its name in meters, logs and the ledger. */
    public String label() {
        return label;
    }
}

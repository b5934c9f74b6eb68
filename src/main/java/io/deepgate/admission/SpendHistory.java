package io.deepgate.admission;

import java.time.Instant;

/**
 * What tenants have spent as far as is recorded for good, so that a restart hands no spent budget back.
 */
public interface SpendHistory {

    /**
     * What the calls of {@code tenant} that began at {@code from} or later have cost, of this replica and all others:
     * every call whose record was taken, those that only a journal holds as well. May block, and may throw.
     */
    Spent since(String tenant, Instant from);
}

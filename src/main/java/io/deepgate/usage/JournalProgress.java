package io.deepgate.usage;

/**
 * How much of a journal the ledger has.
 *
 * @param shipped up to where it has the calls
 * @param summed up to where its sums have them, not after {@code shipped}
 */
record JournalProgress(JournalPosition shipped, JournalPosition summed) {}

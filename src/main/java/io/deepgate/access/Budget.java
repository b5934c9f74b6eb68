package io.deepgate.access;

import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant may spend; a budget that is null does not apply.
 *
 * @param nanosPerDay nano-dollars a calendar day
 * @param nanosPerMonth nano-dollars a calendar month
 * @param tokensPerDay prompt and completion tokens a calendar day
 * @param zone where its days and months begin
 */
public record Budget(
        @Nullable Long nanosPerDay,
        @Nullable Long nanosPerMonth,
        @Nullable Long tokensPerDay,
        ZoneId zone) {

    /** No budget at all. */
    public static final Budget NONE = new Budget(null, null, null, ZoneOffset.UTC);
}

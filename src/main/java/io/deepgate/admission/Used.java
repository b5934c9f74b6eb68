package io.deepgate.admission;

import org.jspecify.annotations.Nullable;

/**
 * What a call used.
 *
 * @param promptTokens cached ones too
 * @param completionTokens reasoning included
 * @param reported whether the upstream reported the tokens; later claims learn from no estimate
 * @param costNanos nano-dollars, null for a slug without a price
 */
public record Used(
        long promptTokens,
        long completionTokens,
        boolean reported,
        @Nullable Long costNanos) {

    Spent spent() {
        return new Spent(costNanos == null ? 0 : costNanos, promptTokens + completionTokens);
    }
}

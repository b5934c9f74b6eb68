package io.deepgate.usage;

import io.deepgate.relay.TokenUsage;

/**
 * What calls used, together.
 *
 * @param costNanos nanodollars; calls without a price add nothing
 * @param unpricedCalls calls that used tokens of a slug without a price
 * @param estimatedCalls calls whose tokens are an estimate
 * @param estimatedTokens their prompt and completion tokens
 * @param estimatedCostNanos what they cost of {@code costNanos}
 */
public record UsageSums(
        long calls,
        long inputCached,
        long inputUncached,
        long output,
        long reasoning,
        long costNanos,
        long unpricedCalls,
        long estimatedCalls,
        long estimatedTokens,
        long estimatedCostNanos) {

    static UsageSums of(CallRecord call) {
        TokenUsage tokens = call.tokens();
        long cost = call.cost() == null ? 0 : call.cost();
        boolean estimated = tokens.estimated();
        return new UsageSums(
                1,
                tokens.inputCached(),
                tokens.inputUncached(),
                tokens.output(),
                tokens.reasoning(),
                cost,
                call.cost() == null ? 1 : 0,
                estimated ? 1 : 0,
                estimated ? tokens.total() : 0,
                estimated ? cost : 0);
    }

    UsageSums plus(UsageSums more) {
        return new UsageSums(
                calls + more.calls,
                inputCached + more.inputCached,
                inputUncached + more.inputUncached,
                output + more.output,
                reasoning + more.reasoning,
                costNanos + more.costNanos,
                unpricedCalls + more.unpricedCalls,
                estimatedCalls + more.estimatedCalls,
                estimatedTokens + more.estimatedTokens,
                estimatedCostNanos + more.estimatedCostNanos);
    }
}

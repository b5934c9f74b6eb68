package io.deepgate.usage;

import io.deepgate.relay.TokenUsage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    static final UsageSums NONE = new UsageSums(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** The columns that {@link #read} reads. */
    static final String SUMS = Stream.of(
                    "calls",
                    "input_cached",
                    "input_uncached",
                    "output",
                    "reasoning",
                    "cost_nanos",
                    "unpriced_calls",
                    "estimated_calls",
                    "estimated_tokens",
                    "estimated_cost_nanos")
            .map(column -> "SUM(" + column + ") AS " + column)
            .collect(Collectors.joining(", "));

    static UsageSums read(ResultSet row) throws SQLException {
        return new UsageSums(
                row.getLong("calls"),
                row.getLong("input_cached"),
                row.getLong("input_uncached"),
                row.getLong("output"),
                row.getLong("reasoning"),
                row.getLong("cost_nanos"),
                row.getLong("unpriced_calls"),
                row.getLong("estimated_calls"),
                row.getLong("estimated_tokens"),
                row.getLong("estimated_cost_nanos"));
    }

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

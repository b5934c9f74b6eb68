package io.deepgate.usage;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether to move to a candidate: stable beside it, what it would cost, and who would notice.
 *
 * @param from since when calls are looked at
 * @param confidence of each interval, both bounds together
 * @param lastMonth what stable's and the candidate's slugs were used for, and what that would cost at either
 */
public record RolloutReport(
        Rollout rollout,
        Instant from,
        Instant to,
        double confidence,
        Verdict verdict,
        List<Measured> measures,
        Projection lastMonth,
        Context context,
        List<Unheeded> parameters) {

    /**
     * A rollout as it stands.
     *
     * @param share percent of the conversations that go to the candidate now
     * @param stopped why the guard has stopped the candidate; null if it has not
     */
    public record Rollout(
            String alias,
            List<Model> stable,
            Model candidate,
            double share,
            List<Double> steps,
            int step,
            @Nullable String stopped) {}

    public record Model(String slug, String upstream) {}

    /** @param assumed what the figures go by, a sentence each */
    public record Projection(Instant from, Instant to, List<Cost> tenants, Cost all, List<String> assumed) {}

    /**
     * What usage would cost, in US dollars; null where there is no price.
     *
     * @param candidateAsItWritesUsd with as many output tokens for one of stable's as the candidate writes; null where
     *     too few calls tell
     */
    public record Cost(
            String tenant,
            long calls,
            long input,
            long output,
            @Nullable BigDecimal stableUsd,
            @Nullable BigDecimal candidateUsd,
            @Nullable BigDecimal candidateAsItWritesUsd) {}

    /**
     * How long the contexts of the alias's calls were last month and since, prompt and completion together, in tokens.
     *
     * @param candidateWindow the longest the candidate takes, as its upstream lists it; null if it does not
     */
    public record Context(@Nullable Long candidateWindow, List<Lengths> buckets, List<TenantLengths> tenants) {}

    /** @param below a power of two that their tokens are fewer than, and not than half of it */
    public record Lengths(long below, long calls) {}

    /**
     * @param below32k calls with less than 32 K tokens
     * @param longestBelow a power of two that no call reached
     * @param overflowing calls that the candidate could not have taken, at most; null where that is not known
     */
    public record TenantLengths(
            String tenant,
            long calls,
            long below32k,
            long longestBelow,
            @Nullable Long overflowing) {}

    /** A parameter that the candidate does not heed: what becomes of it there, and at stable. */
    public record Unheeded(String tenant, String parameter, long calls, String stable, String candidate) {}
}

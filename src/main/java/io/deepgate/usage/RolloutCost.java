package io.deepgate.usage;

import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.Price;
import io.deepgate.usage.RolloutReport.Cost;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Adds up hours of usage at the prices of both sides of a rollout. */
final class RolloutCost {

    private final Catalog catalog;
    private final Set<String> stableSlugs;
    private final String stable;
    private final String candidate;
    private final double outputRatio;
    private final Instant now;
    private long calls;
    private long input;
    private long output;
    private long stableNanos;
    private long candidateNanos;
    private long asItWritesNanos;
    private boolean stablePriced = true;
    private boolean candidatePriced = true;

    /**
     * @param stableSlugs the preferred first; what the candidate was used for is counted as its
     * @param outputRatio how many output tokens the candidate writes for one of stable's; not a number if that is unknown
     */
    RolloutCost(Catalog catalog, Set<String> stableSlugs, String candidate, double outputRatio, Instant now) {
        this.catalog = catalog;
        this.stableSlugs = stableSlugs;
        this.stable = stableSlugs.iterator().next();
        this.candidate = candidate;
        this.outputRatio = outputRatio;
        this.now = now;
    }

    /** @param starting the hour, UTC */
    void add(LocalDateTime starting, String slug, long calls, long cached, long uncached, long output) {
        this.calls += calls;
        this.input += cached + uncached;
        this.output += output;
        Instant hour = starting.toInstant(ZoneOffset.UTC);
        Price atStable = catalog.price(stableSlugs.contains(slug) ? slug : stable, now, hour);
        Price atCandidate = catalog.price(candidate, now, hour);
        stablePriced &= atStable != null;
        candidatePriced &= atCandidate != null;
        if (atStable != null) {
            stableNanos += atStable.nanos(cached, uncached, output);
        }
        if (atCandidate != null) {
            boolean itsOwn = slug.equals(candidate) || Double.isNaN(outputRatio);
            candidateNanos += atCandidate.nanos(cached, uncached, output);
            asItWritesNanos += atCandidate.nanos(cached, uncached, itsOwn ? output : Math.round(output * outputRatio));
        }
    }

    void add(RolloutCost other) {
        calls += other.calls;
        input += other.input;
        output += other.output;
        stableNanos += other.stableNanos;
        candidateNanos += other.candidateNanos;
        asItWritesNanos += other.asItWritesNanos;
        stablePriced &= other.stablePriced;
        candidatePriced &= other.candidatePriced;
    }

    boolean isNothing() {
        return calls == 0;
    }

    Cost of(String tenant) {
        return new Cost(
                tenant,
                calls,
                input,
                output,
                usd(stablePriced, stableNanos),
                usd(candidatePriced, candidateNanos),
                usd(candidatePriced && !Double.isNaN(outputRatio), asItWritesNanos));
    }

    private static @Nullable BigDecimal usd(boolean known, long nanos) {
        return known ? UsageText.usd(nanos) : null;
    }
}

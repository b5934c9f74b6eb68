package io.deepgate.usage;

import io.deepgate.catalog.Candidate.Limits;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says whether a candidate is worse than stable: by more than is allowed, and by more than chance explains. */
final class Guard {

    /** What it may be worse at. */
    enum Measure {
        ERRORS,
        INCOMPLETE,
        FIRST_TOKEN,
        COST;

        /** Its name in meters. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param sentence what is worse, with figures */
    record Finding(Measure measure, String sentence) {}

    private static final double LATE = 0.95;

    private Guard() {}

    /** Whether there are calls enough to say anything. */
    static boolean knows(Side stable, Side candidate, Limits limits) {
        return candidate.calls() >= limits.calls() && stable.calls() >= limits.calls();
    }

    /** The first thing that is worse, or null if nothing is known to be. */
    static @Nullable Finding finding(Side stable, Side candidate, Limits limits) {
        if (!knows(stable, candidate, limits)) {
            return null;
        }
        Finding finding = shares(
                Measure.ERRORS,
                "of its calls fail",
                Interval.ofDifference(
                        candidate.errors(), candidate.calls(), stable.errors(), stable.calls(), limits.confidence()),
                (double) candidate.errors() / candidate.calls(),
                (double) stable.errors() / stable.calls(),
                limits.errors());
        if (finding == null) {
            finding = shares(
                    Measure.INCOMPLETE,
                    "of its answers are cut off, filtered or empty",
                    Interval.ofDifference(
                            candidate.incomplete(),
                            candidate.completed(),
                            stable.incomplete(),
                            stable.completed(),
                            limits.confidence()),
                    (double) candidate.incomplete() / candidate.completed(),
                    (double) stable.incomplete() / stable.completed(),
                    limits.incomplete());
        }
        if (finding == null && limits.firstToken() > 0) {
            finding = firstTokens(stable, candidate, limits);
        }
        return finding == null && limits.cost() > 0 ? costs(stable, candidate, limits) : finding;
    }

    private static @Nullable Finding shares(
            Measure measure, String what, Interval more, double share, double stable, double allowed) {
        return more.low() <= allowed
                ? null
                : new Finding(
                        measure,
                        String.format(
                                Locale.ROOT,
                                "%.1f %% %s and %.1f %% of stable's: at least %.1f points more, where %.1f are allowed",
                                100 * share,
                                what,
                                100 * stable,
                                100 * more.low(),
                                100 * allowed));
    }

    /** Both bounds are half as likely to be passed by chance, so that one or the other is no likelier than all else. */
    private static @Nullable Finding firstTokens(Side stable, Side candidate, Limits limits) {
        double confidence = (1 + limits.confidence()) / 2;
        double late =
                Interval.ofQuantile(LATE, candidate.firstTokens(), confidence).low();
        double stableLate =
                Interval.ofQuantile(LATE, stable.firstTokens(), confidence).high();
        return late <= limits.firstToken() * stableLate
                ? null
                : new Finding(
                        Measure.FIRST_TOKEN,
                        String.format(
                                Locale.ROOT,
                                "its first tokens come after %.0f ms or later at the 95th percentile and stable's after %.0f ms or"
                                        + " sooner, where %.2f times as late is allowed",
                                late / 1e6,
                                stableLate / 1e6,
                                limits.firstToken()));
    }

    private static @Nullable Finding costs(Side stable, Side candidate, Limits limits) {
        Interval more = Interval.ofDifference(candidate.costs(), stable.costs(), limits.cost(), limits.confidence());
        return more.low() <= 0
                ? null
                : new Finding(
                        Measure.COST,
                        String.format(
                                Locale.ROOT,
                                "a call costs %.6f USD and one of stable's %.6f: surely more than %.2f times as much",
                                mean(candidate.costs()) / 1e9,
                                mean(stable.costs()) / 1e9,
                                limits.cost()));
    }

    private static double mean(double[] figures) {
        return Arrays.stream(figures).average().orElse(0);
    }
}

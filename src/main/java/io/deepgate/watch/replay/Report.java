package io.deepgate.watch.replay;

import io.deepgate.watch.replay.Pair.Verdict;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a replay found. */
record Report(Side against, Side candidate, List<Pair> pairs) {

    static Report of(List<Case> cases, ResultsFile results, String against, String candidate) {
        List<Pair> pairs = cases.stream()
                .map(one -> new Pair(one.id(), results.of(one, against), results.of(one, candidate)))
                .toList();
        return new Report(
                Side.of(against, known(pairs.stream().map(Pair::against))),
                Side.of(candidate, known(pairs.stream().map(Pair::candidate))),
                pairs);
    }

    private static List<Result> known(Stream<@Nullable Result> results) {
        return results.<Result>mapMulti((result, known) -> {
                    if (result != null) {
                        known.accept(result);
                    }
                })
                .toList();
    }

    List<Pair> with(Verdict verdict) {
        return pairs.stream().filter(pair -> pair.verdict() == verdict).toList();
    }

    /** Whether all was answered and nothing is worse. */
    boolean holds() {
        return with(Verdict.REGRESSION).isEmpty() && with(Verdict.UNFINISHED).isEmpty();
    }

    /** The whole in a sentence. */
    String sentence() {
        int regressions = with(Verdict.REGRESSION).size();
        int unfinished = with(Verdict.UNFINISHED).size();
        String cost = against.cost() == null || candidate.cost() == null
                ? "the cost is not known"
                : "it costs " + usd(candidate.cost()) + " USD, " + against.model() + " " + usd(against.cost());
        return candidate.model() + ": "
                + (regressions == 0
                        ? "no regression"
                        : regressions + (regressions == 1 ? " regression" : " regressions"))
                + " in " + (pairs.size() - unfinished) + " cases, "
                + with(Verdict.FIXED).size() + " fixed"
                + (unfinished == 0 ? "" : ", " + unfinished + " unanswered") + "; " + cost + ".";
    }

    static String usd(@Nullable Long nanos) {
        return nanos == null
                ? "not known"
                : BigDecimal.valueOf(Objects.requireNonNull(nanos), 9)
                        .setScale(6, RoundingMode.HALF_UP)
                        .toPlainString();
    }
}

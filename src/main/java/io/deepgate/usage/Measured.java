package io.deepgate.usage;

import io.deepgate.relay.Finish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One measure of both sides of a rollout.
 *
 * @param unit share, ms, tokens, tokens/s or usd
 * @param difference by how much the candidate's is higher
 * @param says worse, better, higher, lower, or unknown where chance may explain the difference
 */
public record Measured(String name, String unit, Figure stable, Figure candidate, Figure difference, String says) {

    /** How sure each bound of an interval is: both together 99 %. */
    static final double CONFIDENCE = 0.995;

    /**
     * A figure with its interval.
     *
     * @param value null where there are no calls to know it from
     * @param low null, as {@code high}, where too few calls tell
     * @param of how many calls it is of
     */
    public record Figure(
            @Nullable Double value,
            @Nullable Double low,
            @Nullable Double high,
            int of) {

        private static Figure of(double value, Interval interval, int of) {
            return new Figure(finite(value), finite(interval.low()), finite(interval.high()), of);
        }

        private static @Nullable Double finite(double figure) {
            return Double.isFinite(figure) ? figure : null;
        }
    }

    private enum Good {
        LESS,
        MORE,
        NEITHER;

        private String says(Interval difference) {
            if (difference.low() > 0) {
                return this == LESS ? "worse" : this == MORE ? "better" : "higher";
            }
            if (difference.high() < 0) {
                return this == LESS ? "better" : this == MORE ? "worse" : "lower";
            }
            return "unknown";
        }
    }

    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS = 1e9;

    /** All measures of the calls that were meant for either side. */
    static List<Measured> all(List<CallRecord> stable, List<CallRecord> candidate) {
        Side one = Side.of(stable);
        Side other = Side.of(candidate);
        List<Measured> all = new ArrayList<>();
        all.add(share("errors", one.errors(), one.calls(), other.errors(), other.calls(), Good.LESS));
        Stream.concat(stable.stream(), candidate.stream())
                .map(Measured::cause)
                .filter(cause -> !cause.isEmpty())
                .distinct()
                .sorted()
                .forEach(cause -> all.add(share(
                        "errors: " + cause,
                        count(stable, call -> cause(call).equals(cause)),
                        one.calls(),
                        count(candidate, call -> cause(call).equals(cause)),
                        other.calls(),
                        Good.LESS)));
        for (Finish finish : List.of(Finish.LENGTH, Finish.CONTENT_FILTER, Finish.EMPTY)) {
            all.add(share(
                    finish == Finish.EMPTY ? "empty answers" : "finish: " + finish.label(),
                    count(stable, call -> own(call) && call.finish() == finish),
                    one.completed(),
                    count(candidate, call -> own(call) && call.finish() == finish),
                    other.completed(),
                    Good.LESS));
        }
        all.add(quantile("first token, median", 0.5, one.firstTokens(), other.firstTokens()));
        all.add(quantile("first token, 95th percentile", 0.95, one.firstTokens(), other.firstTokens()));
        all.add(mean("tokens per second", "tokens/s", speeds(stable), speeds(candidate), Good.MORE));
        all.add(mean("output per call", "tokens", outputs(stable), outputs(candidate), Good.NEITHER));
        all.add(mean("cost per call", "usd", dollars(one), dollars(other), Good.LESS));
        all.add(mean("prompt from cache", "share", cached(stable), cached(candidate), Good.MORE));
        return all;
    }

    /** What a failed call failed by; empty for others. */
    private static String cause(CallRecord call) {
        if (call.failedOver()) {
            return "failed_over";
        }
        return switch (call.outcome()) {
            case COMPLETED, CANCELLED, REJECTED -> "";
            case REFUSED, FAILED, TIMED_OUT -> String.valueOf(call.errorCode());
        };
    }

    private static boolean own(CallRecord call) {
        return call.outcome() == Outcome.COMPLETED && !call.failedOver();
    }

    private static int count(List<CallRecord> calls, Predicate<CallRecord> which) {
        return (int) calls.stream().filter(which).count();
    }

    private static double[] speeds(List<CallRecord> calls) {
        return calls.stream()
                .filter(Measured::own)
                .mapToDouble(Measured::speed)
                .filter(speed -> speed > 0)
                .toArray();
    }

    /** Tokens per second after the first; 0 where that is not known. */
    private static double speed(CallRecord call) {
        Duration between = call.timePerOutputToken();
        return between == null || !between.isPositive() ? 0 : NANOS / between.toNanos();
    }

    /** Output tokens of each answer. */
    static double[] outputs(List<CallRecord> calls) {
        return calls.stream()
                .filter(Measured::own)
                .mapToDouble(call -> call.tokens().output())
                .toArray();
    }

    private static double[] dollars(Side side) {
        return Arrays.stream(side.costs()).map(nanos -> nanos / NANOS).toArray();
    }

    private static double[] cached(List<CallRecord> calls) {
        return calls.stream()
                .filter(Measured::own)
                .map(CallRecord::tokens)
                .filter(tokens -> tokens.inputCached() + tokens.inputUncached() > 0)
                .mapToDouble(tokens -> (double) tokens.inputCached() / (tokens.inputCached() + tokens.inputUncached()))
                .toArray();
    }

    private static Measured share(String name, int hits, int of, int otherHits, int otherOf, Good good) {
        Interval difference = Interval.ofDifference(otherHits, otherOf, hits, of, CONFIDENCE);
        return new Measured(
                name,
                "share",
                share(hits, of),
                share(otherHits, otherOf),
                Figure.of((double) otherHits / otherOf - (double) hits / of, difference, Math.min(of, otherOf)),
                good.says(difference));
    }

    private static Figure share(int hits, int of) {
        return Figure.of((double) hits / of, of == 0 ? Interval.UNKNOWN : Interval.ofShare(hits, of, CONFIDENCE), of);
    }

    /** The difference lies within what the bounds of both leave open. */
    private static Measured quantile(String name, double quantile, double[] nanos, double[] otherNanos) {
        double[] sample = millis(nanos);
        double[] other = millis(otherNanos);
        Interval one = interval(quantile, sample);
        Interval two = interval(quantile, other);
        Interval difference = new Interval(two.low() - one.high(), two.high() - one.low());
        double value = at(quantile, sample);
        double otherValue = at(quantile, other);
        return new Measured(
                name,
                "ms",
                Figure.of(value, one, sample.length),
                Figure.of(otherValue, two, other.length),
                Figure.of(otherValue - value, difference, Math.min(sample.length, other.length)),
                Good.LESS.says(difference));
    }

    private static double[] millis(double[] nanos) {
        return Arrays.stream(nanos).map(one -> one / NANOS_PER_MILLI).toArray();
    }

    private static Interval interval(double quantile, double[] sorted) {
        return sorted.length == 0 ? Interval.UNKNOWN : Interval.ofQuantile(quantile, sorted, CONFIDENCE);
    }

    private static double at(double quantile, double[] sorted) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1L, Math.round(quantile * sorted.length))];
    }

    private static Measured mean(String name, String unit, double[] stable, double[] candidate, Good good) {
        // The candidate's first: by how much it is higher.
        Interval difference = Interval.ofDifference(/* sample= */ candidate, /* other= */ stable, 1, CONFIDENCE);
        return new Measured(
                name,
                unit,
                mean(stable),
                mean(candidate),
                Figure.of(average(candidate) - average(stable), difference, Math.min(stable.length, candidate.length)),
                good.says(difference));
    }

    private static Figure mean(double[] sample) {
        return Figure.of(average(sample), Interval.ofMean(sample, CONFIDENCE), sample.length);
    }

    /** Not a number where there is none. */
    static double average(double[] sample) {
        return DoubleStream.of(sample).average().orElse(Double.NaN);
    }
}

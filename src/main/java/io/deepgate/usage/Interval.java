package io.deepgate.usage;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.BinomialDistribution;
import org.apache.commons.statistics.distribution.TDistribution;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;

/**
 * Between what two figures something lies, so that chance alone puts it below the lower in one of 1 / (1 - confidence)
 * samples, and above the higher as often.
 */
record Interval(double low, double high) {

    /** What nothing is known of. */
    static final Interval UNKNOWN = new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /**
     * By how much a share is higher than another. Source: Newcombe, "Interval estimation for the difference between
     * independent proportions", 1998, method 10: from Wilson's intervals of both.
     */
    static Interval ofDifference(int hits, int of, int otherHits, int otherOf, double confidence) {
        if (of == 0 || otherOf == 0) {
            return UNKNOWN;
        }
        double share = (double) hits / of;
        double other = (double) otherHits / otherOf;
        Interval wilson = ofShare(hits, of, confidence);
        Interval otherWilson = ofShare(otherHits, otherOf, confidence);
        return new Interval(
                share - other - Math.hypot(share - wilson.low, otherWilson.high - other),
                share - other + Math.hypot(wilson.high - share, other - otherWilson.low));
    }

    /** A share, {@code of} being 1 or more. Source: Wilson, 1927. */
    static Interval ofShare(int hits, int of, double confidence) {
        var wilson = BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(of, hits, 2 * (1 - confidence));
        return new Interval(Math.max(0, wilson.getLowerBound()), Math.min(1, wilson.getUpperBound()));
    }

    /**
     * A quantile, whatever the distribution: how many of the sample lie below it is binomial, so that two of the sample bound
     * it. Unknown on a side where the sample has too few. Source: Hahn and Meeker, "Statistical Intervals", 5.2.
     *
     * @param sample sorted
     */
    static Interval ofQuantile(double quantile, double[] sample, double confidence) {
        BinomialDistribution below = BinomialDistribution.of(sample.length, quantile);
        int low = below.inverseCumulativeProbability(1 - confidence) - 1;
        int high = below.inverseCumulativeProbability(confidence);
        return new Interval(low < 0 ? UNKNOWN.low : sample[low], high >= sample.length ? UNKNOWN.high : sample[high]);
    }

    /** A mean. Source: Student, 1908. */
    static Interval ofMean(double[] sample, double confidence) {
        if (sample.length < 2) {
            return UNKNOWN;
        }
        double mean = Arrays.stream(sample).average().orElseThrow();
        double width = TDistribution.of(sample.length - 1).inverseSurvivalProbability(1 - confidence)
                * Math.sqrt(squaredError(sample, mean));
        return new Interval(mean - width, mean + width);
    }

    /** By how much a mean is higher than {@code times} another. Source: Welch, 1947. */
    static Interval ofDifference(double[] sample, double[] other, double times, double confidence) {
        if (sample.length < 2 || other.length < 2) {
            return UNKNOWN;
        }
        double mean = Arrays.stream(sample).average().orElseThrow();
        double otherMean = times * Arrays.stream(other).average().orElseThrow();
        double error = squaredError(sample, mean);
        double otherError = times * times * squaredError(other, otherMean / times);
        double sum = error + otherError;
        if (sum == 0) {
            return new Interval(mean - otherMean, mean - otherMean);
        }
        double degrees =
                sum * sum / (error * error / (sample.length - 1) + otherError * otherError / (other.length - 1));
        double width = TDistribution.of(degrees).inverseSurvivalProbability(1 - confidence) * Math.sqrt(sum);
        return new Interval(mean - otherMean - width, mean - otherMean + width);
    }

    /** Of the mean. */
    private static double squaredError(double[] sample, double mean) {
        double squares = Arrays.stream(sample).map(x -> (x - mean) * (x - mean)).sum();
        return squares / (sample.length - 1) / sample.length;
    }
}

package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Intervals as their sources give them, and as often right as they say. */
class IntervalTests {

    private static final int ROUNDS = 4000;
    private static final double CONFIDENCE = 0.95;

    @Test
    void isNewcombesForADifferenceOfShares() {
        // Table II of his paper, method 10: 56/70 and 48/80, two-sided 95 %.
        Interval interval = Interval.ofDifference(56, 70, 48, 80, 0.975);

        assertThat(interval.low()).isCloseTo(0.0524, within(0.0001));
        assertThat(interval.high()).isCloseTo(0.3339, within(0.0001));
    }

    @Test
    void knowsNothingFromNothing() {
        assertThat(Interval.ofDifference(0, 0, 1, 5, CONFIDENCE)).isEqualTo(Interval.UNKNOWN);
        assertThat(Interval.ofDifference(new double[] {1}, new double[] {1, 2}, 1, CONFIDENCE))
                .isEqualTo(Interval.UNKNOWN);
        assertThat(Interval.ofQuantile(0.95, new double[0], CONFIDENCE)).isEqualTo(Interval.UNKNOWN);
        assertThat(Interval.ofQuantile(0.95, new double[10], CONFIDENCE).high())
                .as("ten say nothing of what one in twenty is above")
                .isInfinite();
    }

    @Test
    void isAsOftenRightAboutSharesAsItSays() {
        assertRight(
                0.02,
                random -> Interval.ofDifference(
                        hits(random, 400, 0.05), 400, hits(random, 1600, 0.03), 1600, CONFIDENCE));
    }

    @Test
    void isAsOftenRightAboutQuantilesAsItSays() {
        double latest = Math.exp(1.6448536);

        assertRight(
                latest,
                random -> Interval.ofQuantile(
                        0.95,
                        random.doubles(500)
                                .map(x -> Math.exp(random.nextGaussian()))
                                .sorted()
                                .toArray(),
                        CONFIDENCE));
    }

    @Test
    void isAsOftenRightAboutMeansAsItSays() {
        double mean = Math.exp(0.125);

        assertRight(
                mean - 1.5 * mean,
                random -> Interval.ofDifference(costs(random, 300), costs(random, 1200), 1.5, CONFIDENCE));
    }

    private static double[] costs(Random random, int size) {
        return random.doubles(size)
                .map(x -> Math.exp(0.5 * random.nextGaussian()))
                .toArray();
    }

    private static int hits(Random random, int of, double share) {
        return (int) random.doubles(of).filter(x -> x < share).count();
    }

    /** Each bound is wrong in about one of twenty, never much oftener. */
    private static void assertRight(double truth, Function<Random, Interval> sample) {
        Random random = new Random(1);
        int above = 0;
        int below = 0;
        for (int i = 0; i < ROUNDS; i++) {
            Interval interval = sample.apply(random);
            above += interval.low() > truth ? 1 : 0;
            below += interval.high() < truth ? 1 : 0;
        }
        assertThat(above / (double) ROUNDS).isBetween(0.02, 0.07);
        assertThat(below / (double) ROUNDS).isBetween(0.02, 0.07);
    }
}

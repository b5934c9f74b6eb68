package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SheddingTests {

    private static final int TOGETHER = 8;

    private final Shedding shedding = new Shedding(Duration.ofMillis(20));

    @Test
    void refusesNothingWhileWaitsAreShort() {
        waits(20, 100);

        assertThat(shedding.share()).isZero();
        assertThat(refusedOf(1000)).isZero();
    }

    @Test
    void refusesAGrowingShareWhileTheyAreLong() {
        waits(30, 1);
        double first = shedding.share();
        waits(30, 1);

        assertThat(first).isBetween(0.1, 0.2);
        assertThat(shedding.share()).isEqualTo(2 * first);
        assertThat(refusedOf(10_000)).isBetween(2500L, 3500L);
    }

    @Test
    void growsFasterTheLongerTheyAre() {
        waits(60, 1);

        assertThat(shedding.share()).isBetween(0.29, 0.31);
    }

    @Test
    void letsSomeInAlways() {
        waits(1000, 100);

        assertThat(shedding.share()).isEqualTo(0.95);
    }

    @Test
    void letsAllInAgainSoonAfter() {
        waits(1000, 100);
        waits(1, 19);

        assertThat(shedding.share()).isCloseTo(0, within(1e-9));
    }

    @Test
    void letsInOnlySlowlyMoreWhileThereIsWorkEnough() {
        waits(1000, 100);
        waits(10, 19);

        assertThat(shedding.share()).isCloseTo(0.76, within(1e-9));
    }

    @Test
    void bearsPausesThatPass() {
        for (int i = 0; i < 100; i++) {
            shedding.waited(Duration.ofMillis(i % 3 == 0 ? 300 : 1).toNanos());
        }

        assertThat(shedding.share()).isZero();
    }

    private void waits(int millis, int times) {
        for (int i = 0; i < times * TOGETHER; i++) {
            shedding.waited(Duration.ofMillis(millis).toNanos());
        }
    }

    private long refusedOf(int calls) {
        return IntStream.range(0, calls).filter(i -> shedding.refuses()).count();
    }
}

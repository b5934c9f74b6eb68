package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BucketTests {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Bucket bucket = new Bucket(60, 0);

    @Test
    void startsFull() {
        assertThat(bucket.perMinute()).isEqualTo(60);
        assertThat(bucket.level(0)).isEqualTo(60);
    }

    @Test
    void fillsSteadily() {
        bucket.take(60, 0);

        assertThat(bucket.level(0)).isZero();
        assertThat(bucket.level(SECOND / 2)).isEqualTo(0.5);
        assertThat(bucket.level(30 * SECOND)).isCloseTo(30, within(1e-9));
    }

    @Test
    void holdsNoMoreThanItsCapacity() {
        bucket.take(10, 0);

        assertThat(bucket.level(3600 * SECOND)).isEqualTo(60);
        bucket.take(-10, 3600 * SECOND);
        assertThat(bucket.level(3600 * SECOND)).isEqualTo(60);
    }

    @Test
    void givesBackWhatItHadRoomFor() {
        bucket.take(60, 0);
        bucket.take(-25, 0);

        assertThat(bucket.level(0)).isEqualTo(25);
    }

    @Test
    void goesIntoDebtThatTimePays() {
        bucket.take(90, 0);

        assertThat(bucket.level(0)).isEqualTo(-30);
        assertThat(bucket.nanosUntil(1, 0)).isEqualTo(31 * SECOND);
        assertThat(bucket.nanosUntil(1, 31 * SECOND)).isZero();
    }

    @Test
    void tellsHowLongUnitsTake() {
        bucket.take(55, 0);

        assertThat(bucket.nanosUntil(5, 0)).isZero();
        assertThat(bucket.nanosUntil(6, 0)).isEqualTo(SECOND);
        assertThat(bucket.nanosUntil(60, 0)).isEqualTo(55 * SECOND);
    }

    @Test
    void letsMoreThanItHoldsInWhenItIsFull() {
        assertThat(bucket.nanosUntil(1000, 0)).isZero();
        bucket.take(1, 0);
        assertThat(bucket.nanosUntil(1000, 0)).isEqualTo(SECOND);
        assertThat(bucket.nanosUntil(1000, SECOND)).isZero();
    }

    @Test
    void hasTheUnitsWhenItSaidItWould() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long perMinute = 1 + random.nextLong(random.nextBoolean() ? 100 : 100_000_000);
            long now = random.nextLong(1L << 50);
            Bucket any = new Bucket(perMinute, now);
            any.take(random.nextLong(2 * perMinute + 1), now);
            long units = 1 + random.nextLong(perMinute);

            long wait = any.nanosUntil(units, now);

            assertThat(any.nanosUntil(units, now + wait)).as("seed %d", seed).isZero();
            assertThat(any.units(now + wait)).as("seed %d", seed).isGreaterThanOrEqualTo(units);
        }
    }
}

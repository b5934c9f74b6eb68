package io.deepgate.catalog;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a token costs at one moment, in whole picodollars (a millionth of what a million tokens cost in dollars), so that
 * prices need no rounding and only a call's sum does.
 */
public record Price(long inputCached, long inputUncached, long output) {

    private static final long PICOS_PER_NANO = 1000;

    /** So high that a call's tokens, each kind up to 2³¹, cannot turn the sum over. */
    private static final BigDecimal MOST = BigDecimal.valueOf(1000);

    /** What a call costs in nanodollars, the sum of its tokens rounded to the nearest, half up. */
    public long nanos(long inputCached, long inputUncached, long output) {
        long picos = this.inputCached * inputCached + this.inputUncached * inputUncached + this.output * output;
        return (picos + PICOS_PER_NANO / 2) / PICOS_PER_NANO;
    }

    /**
     * A price from some moment on, as configured, in USD per million tokens.
     *
     * @param from when it begins to hold; calls that began before it have the price before it
     * @param peak the key in {@code gateway.catalog.peaks} of the times when it is multiplied, null for none
     */
    public record Row(
            Instant from,
            BigDecimal inputCached,
            BigDecimal inputUncached,
            BigDecimal output,
            @Nullable String peak) {

        public Row {
            Objects.requireNonNull(from, "from: write when the price begins to hold, such as 2026-11-01T00:00:00Z");
            Objects.requireNonNull(inputCached, "input-cached: write USD per million tokens");
            Objects.requireNonNull(inputUncached, "input-uncached: write USD per million tokens");
            Objects.requireNonNull(output, "output: write USD per million tokens");
        }

        /** @throws IllegalArgumentException if it is not whole picodollars, 0 to 1000 USD per million tokens */
        Price times(BigDecimal factor) {
            return new Price(picos(inputCached, factor), picos(inputUncached, factor), picos(output, factor));
        }

        private static long picos(BigDecimal usdPerMillion, BigDecimal factor) {
            BigDecimal usd = usdPerMillion.multiply(factor).stripTrailingZeros();
            if (usd.signum() < 0 || usd.compareTo(MOST) > 0 || usd.scale() > 6) {
                throw new IllegalArgumentException("costs " + usd.toPlainString()
                        + " USD per million tokens: write 0 to 1000, with at most 6 decimals, peak included");
            }
            return usd.movePointRight(6).longValueExact();
        }
    }
}

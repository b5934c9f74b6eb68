package io.deepgate.access;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** A budget as the tenants file writes it: US dollars, tokens, and a zone that is UTC where it is left out. */
record BudgetEntry(
        @Nullable BigDecimal usdPerDay,
        @Nullable BigDecimal usdPerMonth,
        @Nullable Long tokensPerDay,
        @Nullable String zone) {

    private static final int NANO = 9;
    private static final BigDecimal MOST_USD = BigDecimal.valueOf(1_000_000_000);

    BudgetEntry {
        dollars("usd-per-day", usdPerDay);
        dollars("usd-per-month", usdPerMonth);
        if (tokensPerDay != null && tokensPerDay < 1) {
            throw new IllegalArgumentException(
                    "tokens-per-day is " + tokensPerDay + ": write 1 or more, or leave it out for no budget");
        }
        zoneOf(zone);
    }

    Budget budget() {
        return new Budget(nanos(usdPerDay), nanos(usdPerMonth), tokensPerDay, zoneOf(zone));
    }

    private static @Nullable Long nanos(@Nullable BigDecimal usd) {
        return usd == null
                ? null
                : usd.movePointRight(NANO).setScale(0, RoundingMode.CEILING).longValueExact();
    }

    private static void dollars(String name, @Nullable BigDecimal usd) {
        if (usd != null && (usd.signum() < 1 || usd.compareTo(MOST_USD) > 0)) {
            throw new IllegalArgumentException(name + " is " + usd + ": write more than 0 and at most " + MOST_USD
                    + ", or leave it out for no budget");
        }
    }

    private static ZoneId zoneOf(@Nullable String name) {
        try {
            return name == null ? ZoneOffset.UTC : ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("zone is '" + name + "': write one such as Europe/Berlin or UTC");
        }
    }
}

package io.deepgate.admission;

import io.deepgate.access.Budget;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/** The budgets that a tenant may have, each with a window of the calendar. Dollars are nano-dollars. */
enum BudgetKind {
    USD_PER_DAY("usd-per-day"),
    USD_PER_MONTH("usd-per-month"),
    TOKENS_PER_DAY("tokens-per-day");

    private static final double NANOS_PER_USD = 1e9;

    private final String label;

    BudgetKind(String label) {
        this.label = label;
    }

    /** As the tenants file and meters name it. */
    String label() {
        return label;
    }

    @Nullable
    Long limit(Budget budget) {
        return switch (this) {
            case USD_PER_DAY -> budget.nanosPerDay();
            case USD_PER_MONTH -> budget.nanosPerMonth();
            case TOKENS_PER_DAY -> budget.tokensPerDay();
        };
    }

    /** What of a call counts. */
    long amount(Spent spent) {
        return this == TOKENS_PER_DAY ? spent.tokens() : spent.nanos();
    }

    /** When the window that {@code at} lies in began. */
    ZonedDateTime start(Instant at, ZoneId zone) {
        LocalDate day = LocalDate.ofInstant(at, zone);
        return (this == USD_PER_MONTH ? day.withDayOfMonth(1) : day).atStartOfDay(zone);
    }

    /** When the window that began at {@code start} is over. */
    ZonedDateTime end(ZonedDateTime start) {
        LocalDate day = start.toLocalDate();
        return (this == USD_PER_MONTH ? day.plusMonths(1) : day.plusDays(1)).atStartOfDay(start.getZone());
    }

    /** A limit as people read it. */
    String written(long limit) {
        return switch (this) {
            case USD_PER_DAY -> limit / NANOS_PER_USD + " US dollars a day";
            case USD_PER_MONTH -> limit / NANOS_PER_USD + " US dollars a month";
            case TOKENS_PER_DAY -> limit + " tokens a day";
        };
    }
}

package io.deepgate.admission;

import io.deepgate.admission.LimitExceededException.Limit;
import java.time.Duration;

/** What refused tenants are told. */
final class Refusals {

    private static final Duration SLOT_WAIT = Duration.ofSeconds(1);

    private Refusals() {}

    static LimitExceededException concurrency(long most) {
        return new LimitExceededException(
                Limit.CONCURRENCY,
                "All " + most + " concurrent requests of this tenant are in flight. Wait for one to end.",
                SLOT_WAIT);
    }

    /** @param nanos until so many units are there */
    static LimitExceededException rate(Limit limit, long perMinute, long units, long nanos) {
        return new LimitExceededException(
                limit,
                "Rate limit reached: this tenant has " + perMinute + " " + limit.label() + " per minute and asked for "
                        + units + " more. Try again after the time that retry-after gives.",
                Duration.ofNanos(nanos));
    }

    /** @param limit such as {@code 5 US dollars a day} */
    static LimitExceededException budget(String limit, String renewal, Duration wait) {
        return new LimitExceededException(
                Limit.BUDGET,
                "This tenant's budget of " + limit + " is spent. Wait until it renews at " + renewal
                        + ", or have it raised.",
                wait);
    }
}

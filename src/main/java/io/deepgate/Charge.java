package io.deepgate;

import io.deepgate.admission.Reservation;
import io.deepgate.admission.Used;
import io.deepgate.catalog.Price;
import io.deepgate.relay.AnswerMeter;
import io.deepgate.relay.TokenUsage;
import io.deepgate.usage.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * What a call that was answered is charged, by how it ended.
 *
 * @param cost nanodollars, null if the slug has no price
 */
record Charge(TokenUsage tokens, @Nullable Long cost) {

    static final Charge NOTHING = new Charge(TokenUsage.NONE, 0L);

    /** Reported usage always; an estimate where the answer came to its end or, if it failed, content had come. */
    static Charge of(Outcome outcome, AnswerMeter meter, long promptTokens, @Nullable Price price) {
        boolean estimate = switch (outcome) {
            case COMPLETED, CANCELLED -> true;
            case FAILED, TIMED_OUT -> meter.firstContentAt() != 0;
            case REJECTED, REFUSED -> false;
        };
        TokenUsage tokens = meter.usage(promptTokens);
        if (tokens.total() == 0 || (tokens.estimated() && !estimate)) {
            return NOTHING;
        }
        return new Charge(
                tokens,
                price == null ? null : price.nanos(tokens.inputCached(), tokens.inputUncached(), tokens.output()));
    }

    /** Settles {@code reservation}, or gives back what a call claimed that was rejected. */
    void settle(Reservation reservation, Outcome outcome) {
        if (outcome == Outcome.REJECTED) {
            reservation.cancel();
        } else {
            reservation.settle(new Used(
                    tokens.inputCached() + tokens.inputUncached(), tokens.output(), !tokens.estimated(), cost));
        }
    }
}

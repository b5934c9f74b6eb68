package io.deepgate.shadow;

import io.deepgate.catalog.Candidate.Shadow;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** What an alias's shadow calls have spent today (UTC), of this process. */
final class ShadowBudget {

    private final InstantSource clock;
    private LocalDate day = LocalDate.EPOCH;
    private long nanos;
    private long tokens;

    ShadowBudget(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether a call may still be made; those in flight may together go beyond it. */
    synchronized boolean allows(Shadow limits, boolean priced) {
        turn();
        Long most = limits.tokensPerDay();
        return most == null ? priced && nanos < limits.nanosPerDay() : tokens < most && nanos < limits.nanosPerDay();
    }

    synchronized void spend(long tokens, @Nullable Long nanos) {
        turn();
        this.tokens += tokens;
        this.nanos += nanos == null ? 0 : nanos;
    }

    private void turn() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        if (!today.equals(day)) {
            day = today;
            nanos = 0;
            tokens = 0;
        }
    }
}

package io.deepgate.usage;

import io.deepgate.relay.TokenUsage;
import java.time.Duration;
import java.time.Instant;

/** Call records as the gateway would make them. */
final class Records {

    static final TokenUsage TOKENS = new TokenUsage(64, 36, 41, 17, false);

    private Records() {}

    /** A stream of 41 tokens that took 2.5 s, the first after 500 ms. */
    static CallRecord completed() {
        return call(Outcome.COMPLETED, 200, null, TOKENS, true);
    }

    /** A call to a slug that has no price. */
    static CallRecord unpriced() {
        return call(Outcome.COMPLETED, 200, null, TOKENS, null, true);
    }

    static CallRecord call(Outcome outcome, int status, String errorCode, TokenUsage tokens, boolean stream) {
        return call(outcome, status, errorCode, tokens, 48_000L, stream);
    }

    private static CallRecord call(
            Outcome outcome, int status, String errorCode, TokenUsage tokens, Long cost, boolean stream) {
        return new CallRecord(
                "019ab3c4-0000-7000-8000-000000000001",
                "search",
                "k7Qm2x",
                "chat",
                "fast",
                "deepseek-flash",
                "deepseek",
                1,
                "whatever-the-upstream-says",
                stream,
                outcome,
                status,
                errorCode,
                tokens,
                cost,
                Instant.parse("2026-11-24T12:00:00Z"),
                Duration.ofMillis(2500),
                stream ? Duration.ofMillis(500) : null,
                Duration.ofMillis(3));
    }

    /** A call that was refused before its model was found. */
    static CallRecord rejected(int status, String errorCode) {
        return new CallRecord(
                "019ab3c4-0000-7000-8000-000000000002",
                "search",
                "k7Qm2x",
                "chat",
                null,
                null,
                null,
                0,
                null,
                false,
                Outcome.REJECTED,
                status,
                errorCode,
                TokenUsage.NONE,
                0L,
                Instant.parse("2026-11-24T12:00:00Z"),
                Duration.ofMillis(1),
                null,
                Duration.ofMillis(1));
    }
}

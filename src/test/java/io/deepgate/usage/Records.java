package io.deepgate.usage;

import io.deepgate.api.Parameter;
import io.deepgate.catalog.Variant;
import io.deepgate.relay.Finish;
import io.deepgate.relay.TokenUsage;
import io.opentelemetry.api.trace.SpanContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** Call records as the gateway would make them. */
final class Records {

    static final TokenUsage TOKENS = new TokenUsage(64, 36, 41, 17, false);

    private static final int PARAMETERS = Parameter.SEED.bit();
    private static final Instant AT_NOON = Instant.parse("2026-11-24T12:00:00Z");

    private Records() {}

    /** A stream of 41 tokens that took 2.5 s, the first after 500 ms. */
    static CallRecord completed() {
        return call(Outcome.COMPLETED, 200, null, TOKENS, true);
    }

    /** A call to a slug that has no price. */
    static CallRecord unpriced() {
        return call(Outcome.COMPLETED, 200, null, TOKENS, null, true);
    }

    /** A call with the span {@code trace}. */
    static CallRecord traced(SpanContext trace) {
        return call(Outcome.COMPLETED, 200, null, TOKENS, 48_000L, true, trace);
    }

    static CallRecord call(Outcome outcome, int status, String errorCode, TokenUsage tokens, boolean stream) {
        return call(outcome, status, errorCode, tokens, 48_000L, stream);
    }

    private static CallRecord call(
            Outcome outcome, int status, String errorCode, TokenUsage tokens, Long cost, boolean stream) {
        return call(outcome, status, errorCode, tokens, cost, stream, SpanContext.getInvalid());
    }

    private static CallRecord call(
            Outcome outcome,
            int status,
            String errorCode,
            TokenUsage tokens,
            Long cost,
            boolean stream,
            SpanContext trace) {
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
                AT_NOON,
                Duration.ofMillis(2500),
                stream ? Duration.ofMillis(500) : null,
                Duration.ofMillis(3),
                Variant.CANDIDATE,
                true,
                Finish.LENGTH,
                PARAMETERS,
                trace);
    }

    /** Different calls of some tenants, keys and models over some hours, a few of them estimated or without a price. */
    static List<CallRecord> many(int count) {
        return IntStream.range(0, count).mapToObj(Records::one).toList();
    }

    /** Calls that all began at {@code start}. */
    static List<CallRecord> many(int count, Instant start) {
        return IntStream.range(0, count).mapToObj(number -> startedAt(start)).toList();
    }

    /** A call with an id of its own; {@code number} tells all else. */
    static CallRecord one(int number) {
        return one(number, UUID.randomUUID().toString(), AT_NOON.plusSeconds(997L * (number % 20)), "deepseek-flash");
    }

    /** A call that began at {@code start}. */
    static CallRecord startedAt(Instant start) {
        return one(1, UUID.randomUUID().toString(), start, "deepseek-flash");
    }

    /** A call with the id {@code requestId}. */
    static CallRecord withId(String requestId) {
        return one(1, requestId, AT_NOON, "deepseek-flash");
    }

    /** A call to what the upstream calls {@code responseModel}. */
    static CallRecord called(String responseModel) {
        return one(1, UUID.randomUUID().toString(), AT_NOON, responseModel);
    }

    private static CallRecord one(int number, String requestId, Instant start, String responseModel) {
        boolean estimated = number % 7 == 0;
        TokenUsage tokens = new TokenUsage(number % 50, number % 13, number % 31, number % 5, estimated);
        return new CallRecord(
                requestId,
                "tenant-" + number % 3,
                "key" + number % 2,
                "chat",
                "fast",
                number % 4 == 0 ? "deepseek-v4-pro" : "deepseek-flash",
                "deepseek",
                number % 3,
                responseModel,
                true,
                estimated ? Outcome.CANCELLED : Outcome.COMPLETED,
                200,
                null,
                tokens,
                number % 11 == 0 ? null : 1000L * number + 7,
                start,
                Duration.ofMillis(number),
                null,
                Duration.ofMillis(1),
                null,
                false,
                null,
                0,
                SpanContext.getInvalid());
    }

    /** A stream of the alias {@code fast} that was meant for {@code variant}. */
    static CallRecord meant(Variant variant, Outcome outcome, Finish finish, Duration firstToken, Long cost) {
        return new CallRecord(
                "019ab3c4-0000-7000-8000-000000000003",
                "search",
                "k7Qm2x",
                "chat",
                "fast",
                "deepseek-flash",
                "deepseek",
                1,
                "deepseek-flash",
                true,
                outcome,
                outcome == Outcome.COMPLETED ? 200 : 502,
                outcome == Outcome.COMPLETED ? null : "upstream_unavailable",
                TOKENS,
                cost,
                AT_NOON,
                Duration.ofSeconds(3),
                firstToken,
                Duration.ofMillis(1),
                variant,
                false,
                finish,
                0,
                SpanContext.getInvalid());
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
                AT_NOON,
                Duration.ofMillis(1),
                null,
                Duration.ofMillis(1),
                null,
                false,
                null,
                0,
                SpanContext.getInvalid());
    }
}

package io.deepgate.usage;

import io.deepgate.api.Parameter;
import io.deepgate.catalog.Variant;
import io.deepgate.relay.Finish;
import io.deepgate.relay.TokenUsage;
import io.opentelemetry.api.trace.SpanContext;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One call's fact. Nothing in it was written by the caller but the model's name it asked for, so that it may be kept.
 *
 * @param requestId unique; what the answer's {@code x-request-id} says
 * @param operation what was asked for, such as {@code chat}
 * @param alias the alias that served the call, null if none was found
 * @param attempts how often an upstream was tried, 0 if none was; the slug and upstream are those of the last attempt
 * @param responseModel what the upstream said the model was, null if it said nothing
 * @param status the HTTP status that the client was sent, 499 if it left before the end of the answer
 * @param errorCode the error's code, null if there was none
 * @param cost nanodollars; null if the slug has no price
 * @param timeToFirstToken from the start to the first content of a stream, else null
 * @param overhead the duration without the waits for the client's body and for the upstream
 * @param variant the side that the call was meant for, null where its alias has no candidate
 * @param failedOver whether another route than the one it was meant for answered, or was tried last
 * @param finish how its answer ended, null where it did not complete or the upstream did not say it
 * @param parameters what it asked for that not everybody heeds, as bits of {@link Parameter}; 0 for what is no chat
 * @param trace the ids of its span, or of its caller's where calls are not traced; invalid if there is none. It is not
 *     kept in journal and ledger
 */
public record CallRecord(
        String requestId,
        String tenant,
        String keyId,
        String operation,
        @Nullable String alias,
        @Nullable String slug,
        @Nullable String upstream,
        int attempts,
        @Nullable String responseModel,
        boolean stream,
        Outcome outcome,
        int status,
        @Nullable String errorCode,
        TokenUsage tokens,
        @Nullable Long cost,
        Instant startedAt,
        Duration duration,
        @Nullable Duration timeToFirstToken,
        Duration overhead,
        @Nullable Variant variant,
        boolean failedOver,
        @Nullable Finish finish,
        int parameters,
        SpanContext trace) {

    /** The mean time between tokens after the first of a stream, or null if there was no second one. */
    @Nullable
    Duration timePerOutputToken() {
        return timeToFirstToken == null || tokens.output() < 2
                ? null
                : duration.minus(timeToFirstToken).dividedBy(tokens.output() - 1);
    }
}

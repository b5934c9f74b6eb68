package io.deepgate;

import io.deepgate.api.RequestId;
import io.deepgate.catalog.Route;
import io.deepgate.catalog.Variant;
import io.deepgate.shadow.ShadowCall;
import io.deepgate.shadow.ShadowSink;
import io.deepgate.shadow.Told;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import io.deepgate.usage.UsageRecorder;
import io.opentelemetry.api.trace.SpanContext;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** Records shadow calls in the name of a tenant that is none; the key is the tenant whose call was asked again. */
final class ShadowRecords implements ShadowSink {

    private static final String TENANT = "(shadow)";

    private final UsageRecorder recorder;

    ShadowRecords(UsageRecorder recorder) {
        this.recorder = recorder;
    }

    /** What a call that was sampled was answered; null if it was not, or not to the end. */
    static @Nullable Told told(CallRecord call) {
        return call.outcome() == Outcome.COMPLETED
                ? new Told(call.finish(), call.tokens(), call.cost(), call.duration(), call.timeToFirstToken())
                : null;
    }

    @Override
    public void add(ShadowCall call) {
        Throwable failure = call.failure();
        Route route = call.route();
        Told told = call.told();
        recorder.shadowed(new CallRecord(
                RequestId.next(),
                TENANT,
                call.tenant().id(),
                call.endpoint().operation(),
                route.alias(),
                route.slug(),
                route.upstream().name(),
                1,
                call.model(),
                call.stream(),
                outcome(failure),
                failure == null ? HttpStatus.OK.value() : ErrorTable.of(failure).status(),
                failure == null ? null : ErrorTable.of(failure).code(),
                told.tokens(),
                told.cost(),
                call.startedAt(),
                told.duration(),
                told.firstToken(),
                Duration.ZERO,
                Variant.SHADOW,
                false,
                told.finish(),
                0,
                SpanContext.getInvalid()));
    }

    private static Outcome outcome(@Nullable Throwable failure) {
        if (failure == null) {
            return Outcome.COMPLETED;
        }
        return failure instanceof CancellationException ? Outcome.CANCELLED : ErrorTable.outcome(failure);
    }
}

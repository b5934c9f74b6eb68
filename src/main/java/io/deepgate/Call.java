package io.deepgate;

import io.deepgate.access.Caller;
import io.deepgate.access.Tenant;
import io.deepgate.admission.DrainingException;
import io.deepgate.admission.OpenCalls.Place;
import io.deepgate.admission.Reservation;
import io.deepgate.api.ApiError;
import io.deepgate.api.Dialect;
import io.deepgate.api.Endpoint;
import io.deepgate.api.Envelope;
import io.deepgate.api.RequestBody;
import io.deepgate.api.RequestId;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.Route;
import io.deepgate.forward.Answer;
import io.deepgate.forward.Attempts;
import io.deepgate.relay.AnswerMeter;
import io.deepgate.shadow.Sampled;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.CallTrace;
import io.deepgate.usage.Outcome;
import io.deepgate.usage.UsageRecorder;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One call in flight, from its admission to its one end. Unless it is told otherwise, the client has left. */
final class Call {

    private static final int CLIENT_CLOSED_REQUEST = 499;

    private final Caller caller;
    private final Endpoint endpoint;
    private final Catalog catalog;
    private final UsageRecorder recorder;
    private final CallTrace trace;
    private final String requestId = RequestId.next();
    private final CallTimes times = new CallTimes();
    private final Sinks.Empty<Void> cut = Sinks.empty();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile AnswerMeter meter = new AnswerMeter();
    private volatile long promptTokens;
    private volatile boolean stream;
    private volatile int parameters;
    private volatile Outcome outcome = Outcome.CANCELLED;
    private volatile int status = CLIENT_CLOSED_REQUEST;
    private volatile @Nullable String errorCode;
    private volatile @Nullable Place place;
    private volatile @Nullable Reservation reservation;
    private volatile @Nullable ByteBuf held;
    private volatile @Nullable Route meant;
    private volatile @Nullable Route route;
    private volatile @Nullable Attempts attempts;
    private volatile @Nullable Answer answer;
    private volatile @Nullable Subscription relaying;
    private volatile @Nullable Sampled sampled;

    Call(Caller caller, Endpoint endpoint, Catalog catalog, UsageRecorder recorder, CallTrace trace) {
        this.caller = caller;
        this.endpoint = endpoint;
        this.catalog = catalog;
        this.recorder = recorder;
        this.trace = trace;
    }

    String requestId() {
        return requestId;
    }

    Tenant tenant() {
        return caller.tenant();
    }

    Catalog catalog() {
        return catalog;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Envelope envelope() {
        return endpoint.dialect().envelope();
    }

    CallTrace trace() {
        return trace;
    }

    AnswerMeter meter() {
        return meter;
    }

    /** The call holds {@code place} until its end. */
    Place opened(Place place) {
        this.place = place;
        return place;
    }

    /** Fails when the call is cut off without an upstream that could be. */
    Mono<Void> isCut() {
        return cut.asMono();
    }

    /** Ends the call at its upstream, so that its client still gets all that came, or else right here. */
    void cut(DrainingException failure) {
        Answer answer = this.answer;
        if (answer == null || !answer.cut(failure)) {
            cut.tryEmitError(failure);
        }
    }

    /** The call holds {@code reservation} until its end. */
    Reservation admitted(Reservation reservation) {
        this.reservation = reservation;
        return reservation;
    }

    /** The call holds the bytes of {@code body} until attempts take them over, or it ends; returns its estimated tokens. */
    long read(RequestBody body) {
        held = body.bytes();
        promptTokens = body.estimatedTokens();
        stream = body.stream();
        parameters = endpoint.dialect() == Dialect.CHAT ? body.parameters() : 0;
        times.read();
        return promptTokens;
    }

    /** The call goes to one of {@code routes}, the first unless an answer comes from another. */
    List<Route> routed(List<Route> routes) {
        meant = routes.getFirst();
        route = meant;
        return routes;
    }

    /** The call ends {@code sampled}, if it is any. */
    @Nullable
    Sampled sampled(@Nullable Sampled sampled) {
        this.sampled = sampled;
        if (sampled != null && ended.get()) {
            sampled.end(null);
        }
        return sampled;
    }

    /** The call closes {@code attempts}, which have taken over its bytes, at its end. */
    Attempts forwarded(Attempts attempts) {
        held = null;
        this.attempts = attempts;
        return attempts;
    }

    /** The call's answer is {@code answer}, instead of one before that failed before it began. */
    Answer answeredBy(Answer answer) {
        if (this.answer != null) {
            meter = new AnswerMeter();
        }
        this.answer = answer;
        route = answer.route();
        return answer;
    }

    /** The call ends {@code relaying} with itself: who fails to write the head of an answer forgets the rest of it. */
    void relays(Subscription relaying) {
        this.relaying = relaying;
    }

    /** All of the answer has been passed on. */
    void completed() {
        relaying = null;
        if (outcome == Outcome.CANCELLED) {
            outcome = meter.error() ? Outcome.FAILED : Outcome.COMPLETED;
            status = HttpStatus.OK.value();
        }
    }

    /** The call failed before its answer began, so that {@code error} is its answer. */
    ApiError failed(Throwable failure) {
        ApiError error = ErrorTable.of(failure);
        outcome = ErrorTable.outcome(failure);
        if (error.status() == ErrorTable.INTERNAL_ERROR) {
            outcome = answer == null ? Outcome.REJECTED : Outcome.FAILED;
            FailureLog.add(requestId, caller, trace.ids(), failure);
        }
        status = error.status();
        errorCode = error.code();
        if (attempts == null) {
            // Before the client is told, who may come again at once.
            forgetBody();
        }
        return error;
    }

    /** The call failed after its answer had begun, with 200. */
    ApiError brokeOff(Throwable failure) {
        ApiError error = failed(failure);
        status = HttpStatus.OK.value();
        return error;
    }

    /** Ends the call, once: gives back what it holds, settles it and records it. Does not wait. */
    void end() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        Attempts attempts = this.attempts;
        if (attempts != null) {
            attempts.close();
        }
        Subscription unfinished = relaying;
        if (unfinished != null) {
            unfinished.cancel();
        }
        long waited = times.nanosReading() + (attempts == null ? 0 : attempts.nanosUpstream());
        // After the answer's end, which the wait for the upstream reaches to.
        Duration duration = times.until(System.nanoTime());
        forgetBody();
        if (meter.isWhole()) {
            // Some clients leave at [DONE], before the end of the body; they have not left early.
            completed();
        }
        Charge charge = charge();
        if (reservation != null) {
            charge.settle(reservation, outcome);
        }
        CallRecord record = record(charge, duration, duration.minusNanos(waited));
        recorder.record(record);
        trace.end(record);
        if (place != null) {
            // After its record: who waits for the last call to end loses none.
            place.close();
        }
        Sampled sampled = this.sampled;
        if (sampled != null) {
            sampled.end(ShadowRecords.told(record));
        }
    }

    private void forgetBody() {
        ByteBuf bytes = held;
        if (bytes != null) {
            held = null;
            bytes.release();
        }
        if (place != null) {
            place.letGo();
        }
    }

    private Charge charge() {
        Route route = this.route;
        return answer == null || route == null
                ? Charge.NOTHING
                : Charge.of(outcome, meter, promptTokens, catalog.price(route.slug(), times.startedAt()));
    }

    private CallRecord record(Charge charge, Duration duration, Duration overhead) {
        Attempts attempts = this.attempts;
        Route route = this.route;
        Route meant = this.meant;
        long firstContentAt = meter.firstContentAt();
        return new CallRecord(
                requestId,
                caller.tenant().id(),
                caller.keyId(),
                endpoint.operation(),
                route == null ? null : route.alias(),
                route == null ? null : route.slug(),
                route == null ? null : route.upstream().name(),
                attempts == null ? 0 : attempts.count(),
                meter.model(),
                stream,
                outcome,
                status,
                errorCode,
                charge.tokens(),
                charge.cost(),
                times.startedAt(),
                duration,
                !stream || firstContentAt == 0 ? null : times.until(firstContentAt),
                overhead,
                meant == null ? null : meant.variant(),
                !Objects.equals(meant, route),
                outcome == Outcome.COMPLETED ? meter.finish() : null,
                parameters,
                trace.ids());
    }
}

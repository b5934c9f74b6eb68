package io.deepgate.usage;

import io.deepgate.api.TraceAttributes;
import io.deepgate.relay.TokenUsage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The span of one call; where calls are not traced, only the trace that its caller says it belongs to, if any. */
public final class CallTrace {

    static final CallTrace NONE = new CallTrace(Context.root());

    private static final int SERVER_ERROR = 500;

    private final Context context;
    private final Span span;

    CallTrace(Context context) {
        this.context = context;
        this.span = Span.fromContext(context);
    }

    /** What the call's attempts are traced below. */
    public Context context() {
        return context;
    }

    /** The ids of trace and span; invalid where there is no trace. */
    public SpanContext ids() {
        return span.getSpanContext();
    }

    /** The trace's id as log lines have it; null where there is no trace. */
    public static @Nullable String id(SpanContext ids) {
        return ids.isValid() ? ids.getTraceId() : null;
    }

    /** Ends the span with what the call's record says. */
    public void end(CallRecord call) {
        if (span.isRecording()) {
            describe(call);
        }
        span.end();
    }

    private void describe(CallRecord call) {
        span.setAttribute(TraceAttributes.REQUEST_ID, call.requestId())
                .setAttribute(TraceAttributes.TENANT, call.tenant())
                .setAttribute(TraceAttributes.KEY_ID, call.keyId())
                .setAttribute(TraceAttributes.OUTCOME, call.outcome().name().toLowerCase(Locale.ROOT))
                .setAttribute(TraceAttributes.STREAM, call.stream())
                .setAttribute(TraceAttributes.STATUS, call.status());
        if (call.slug() != null) {
            span.setAttribute(TraceAttributes.REQUEST_MODEL, call.slug());
        }
        if (call.responseModel() != null) {
            span.setAttribute(TraceAttributes.RESPONSE_MODEL, call.responseModel());
        }
        if (call.tokens().total() > 0) {
            describe(call.tokens());
        }
        if (call.errorCode() != null) {
            span.setAttribute(TraceAttributes.ERROR, call.errorCode());
        }
        boolean failed = call.outcome() == Outcome.FAILED || call.outcome() == Outcome.TIMED_OUT;
        if (failed || call.status() >= SERVER_ERROR) {
            span.setStatus(StatusCode.ERROR);
        }
    }

    private void describe(TokenUsage tokens) {
        span.setAttribute(TraceAttributes.INPUT_TOKENS, tokens.inputCached() + tokens.inputUncached())
                .setAttribute(TraceAttributes.CACHED_TOKENS, tokens.inputCached())
                .setAttribute(TraceAttributes.OUTPUT_TOKENS, tokens.output())
                .setAttribute(TraceAttributes.REASONING_TOKENS, tokens.reasoning());
    }
}

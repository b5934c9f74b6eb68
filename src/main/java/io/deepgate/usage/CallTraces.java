package io.deepgate.usage;

import io.deepgate.api.Endpoint;
import io.deepgate.api.TraceAttributes;
import io.deepgate.api.TraceContext;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Traces calls where something collects traces: a span each, which continues its caller's trace. */
public final class CallTraces {

    private final @Nullable Tracer tracer;

    /** @param tracer null where nothing collects traces */
    CallTraces(@Nullable Tracer tracer) {
        this.tracer = tracer;
    }

    /** A call with {@code headers} has begun. */
    public CallTrace begin(HttpHeaders headers, Endpoint endpoint) {
        Context parent = TraceContext.of(headers);
        if (tracer == null) {
            return Span.fromContextOrNull(parent) == null ? CallTrace.NONE : new CallTrace(parent);
        }
        Span span = tracer.spanBuilder("POST " + endpoint.path())
                .setParent(parent)
                .setSpanKind(SpanKind.SERVER)
                .setAttribute(TraceAttributes.METHOD, "POST")
                .setAttribute(TraceAttributes.ROUTE, endpoint.path())
                .setAttribute(TraceAttributes.OPERATION, endpoint.genAiOperation())
                .setAttribute(TraceAttributes.PROVIDER, TraceAttributes.DEEPSEEK)
                .startSpan();
        return new CallTrace(parent.with(span));
    }
}

package io.deepgate.forward;

import io.deepgate.api.TraceAttributes;
import io.deepgate.api.TraceContext;
import io.deepgate.catalog.Route;
import io.deepgate.forward.AttemptMeters.Result;
import io.netty.handler.codec.http.HttpHeaders;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** The span of one attempt, below its call's; nothing where calls are not traced. */
final class AttemptTrace {

    static final AttemptTrace NONE = new AttemptTrace(Context.root(), false);

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final Context context;
    private final Span span;
    private final boolean sent;

    private AttemptTrace(Context context, boolean sent) {
        this.context = context;
        this.span = Span.fromContext(context);
        this.sent = sent;
    }

    /** @param tracer null where calls are not traced */
    static AttemptTrace begin(@Nullable Tracer tracer, Outgoing call, Route route) {
        if (tracer == null) {
            return NONE;
        }
        String operation = call.endpoint().genAiOperation();
        URI url = route.upstream().baseUrl();
        Span span = tracer.spanBuilder(operation + " " + route.slug())
                .setParent(call.trace())
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute(TraceAttributes.OPERATION, operation)
                .setAttribute(TraceAttributes.PROVIDER, TraceAttributes.DEEPSEEK)
                .setAttribute(TraceAttributes.REQUEST_MODEL, route.slug())
                .setAttribute(TraceAttributes.STREAM, call.stream())
                .setAttribute(TraceAttributes.UPSTREAM, route.upstream().name())
                .setAttribute(TraceAttributes.SERVER_ADDRESS, url.getHost())
                .setAttribute(TraceAttributes.SERVER_PORT, (long) port(url))
                .startSpan();
        return new AttemptTrace(call.trace().with(span), route.upstream().sendTrace());
    }

    private static int port(URI url) {
        if (url.getPort() >= 0) {
            return url.getPort();
        }
        return "https".equals(url.getScheme()) ? HTTPS : HTTP;
    }

    /** Tells the upstream of the trace, if it is to know. */
    void toUpstream(HttpHeaders headers) {
        if (sent) {
            TraceContext.write(context, headers::set);
        }
    }

    /** The upstream has answered with {@code status}. */
    void answered(int status) {
        if (span.isRecording()) {
            span.setAttribute(TraceAttributes.STATUS, status);
        }
    }

    /** Ends the span; only the first time counts. */
    void end(Result result) {
        if (span.isRecording()) {
            span.setAttribute(TraceAttributes.OUTCOME, result.label());
            if (result.isFailure()) {
                span.setAttribute(TraceAttributes.ERROR, result.label());
                span.setStatus(StatusCode.ERROR);
            }
        }
        span.end();
    }
}

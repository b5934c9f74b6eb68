package io.deepgate.api;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Which trace a request belongs to, as its headers say it. Source: W3C, Trace Context. */
public final class TraceContext {

    private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
    private static final TextMapGetter<HttpHeaders> HEADERS = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(HttpHeaders headers) {
            return headers.headerNames();
        }

        @Override
        public @Nullable String get(@Nullable HttpHeaders headers, String name) {
            return headers == null ? null : headers.getFirst(name);
        }
    };

    private TraceContext() {}

    /** What a request with {@code headers} goes on with; the root if they say nothing of a trace, or no sense. */
    public static Context of(HttpHeaders headers) {
        return W3C.extract(Context.root(), headers, HEADERS);
    }

    /** Gives {@code headers} the headers that say {@code trace}. */
    public static void write(Context trace, BiConsumer<String, String> headers) {
        W3C.inject(trace, headers, (to, name, value) -> {
            if (to != null) {
                to.accept(name, value);
            }
        });
    }
}

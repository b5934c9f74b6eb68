package io.deepgate.usage;

import io.opentelemetry.api.trace.SpanContext;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells Prometheus' client the trace of the call whose meters are being written, so that buckets name an example. */
final class Exemplars implements io.prometheus.metrics.tracer.common.SpanContext {

    private static final ThreadLocal<@Nullable SpanContext> CURRENT = new ThreadLocal<>();

    /** Has {@code meters} add {@code call}. */
    void of(CallRecord call, Consumer<CallRecord> meters) {
        CURRENT.set(call.trace());
        try {
            meters.accept(call);
        } finally {
            CURRENT.remove();
        }
    }

    @Override
    public @Nullable String getCurrentTraceId() {
        SpanContext trace = CURRENT.get();
        return trace == null || !trace.isValid() ? null : trace.getTraceId();
    }

    @Override
    public @Nullable String getCurrentSpanId() {
        SpanContext trace = CURRENT.get();
        return trace == null || !trace.isValid() ? null : trace.getSpanId();
    }

    @Override
    public boolean isCurrentSpanSampled() {
        SpanContext trace = CURRENT.get();
        return trace != null && trace.isSampled();
    }

    @Override
    public void markCurrentSpanAsExemplar() {
        // Whether it is kept was decided when it began.
    }
}

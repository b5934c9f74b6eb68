package io.deepgate.usage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Turns call records into meters. A meter is looked up once per tenant and model, not per call. */
final class UsageMeters implements RecordSink {

    /** The model label of calls that ended before they had one. */
    private static final String NO_MODEL = "none";

    private record CallKey(String tenant, String model, Outcome outcome, int status) {}

    private record ModelKey(String tenant, String model) {}

    private final Map<CallKey, Counter> calls = new ConcurrentHashMap<>();
    private final Map<ModelKey, ModelMeters> models = new ConcurrentHashMap<>();
    private final MeterRegistry registry;
    private final @Nullable Exemplars exemplars;

    /** @param exemplars null where calls are not traced */
    UsageMeters(MeterRegistry registry, @Nullable Exemplars exemplars) {
        this.registry = registry;
        this.exemplars = exemplars;
    }

    @Override
    public void add(CallRecord call) {
        if (exemplars == null) {
            meter(call);
        } else {
            exemplars.of(call, this::meter);
        }
    }

    private void meter(CallRecord call) {
        String model = call.slug() == null ? NO_MODEL : call.slug();
        calls.computeIfAbsent(new CallKey(call.tenant(), model, call.outcome(), call.status()), this::calls)
                .increment();
        if (call.slug() != null) {
            models.computeIfAbsent(new ModelKey(call.tenant(), call.slug()), this::meters)
                    .record(call);
        }
    }

    private Counter calls(CallKey key) {
        return Counter.builder("gateway.usage.calls")
                .description("Calls by how they ended")
                .tag("tenant", key.tenant)
                .tag("model", key.model)
                .tag("outcome", key.outcome.name().toLowerCase(Locale.ROOT))
                .tag("status", Integer.toString(key.status))
                .register(registry);
    }

    private ModelMeters meters(ModelKey key) {
        return new ModelMeters(registry, Tags.of("tenant", key.tenant, "model", key.model));
    }
}

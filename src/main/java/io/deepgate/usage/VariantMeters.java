package io.deepgate.usage;

import io.deepgate.catalog.Variant;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Meters of both sides of each alias that has a candidate, over all tenants. */
final class VariantMeters implements RecordSink {

    private static final double NANOS_PER_DOLLAR = 1e9;
    private static final String FAILED_OVER = "failed_over";

    private record Side(String alias, Variant variant) {

        Tags tags() {
            return Tags.of("alias", alias, "variant", variant.label());
        }
    }

    private record Count(Side side, String name, String label, String value) {}

    private final Map<Count, Counter> counters = new ConcurrentHashMap<>();
    private final Map<Side, Timer> firstTokens = new ConcurrentHashMap<>();
    private final Map<Side, Timer> outputTokens = new ConcurrentHashMap<>();
    private final MeterRegistry registry;

    VariantMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void add(CallRecord call) {
        if (call.variant() == null || call.alias() == null) {
            return;
        }
        Side side = new Side(call.alias(), call.variant());
        count(side, "calls", "result", result(call), 1);
        if (call.failedOver()) {
            return;
        }
        if (call.finish() != null) {
            count(side, "answers", "finish", call.finish().label(), 1);
        }
        count(side, "tokens", "kind", "input_cached", call.tokens().inputCached());
        count(side, "tokens", "kind", "input_uncached", call.tokens().inputUncached());
        count(side, "tokens", "kind", "output", call.tokens().output());
        if (call.cost() != null) {
            count(side, "cost", "currency", "usd", call.cost() / NANOS_PER_DOLLAR);
        }
        Duration first = call.timeToFirstToken();
        if (first != null) {
            timer(firstTokens, side, "first.token", ModelMeters.ANSWER).record(first);
        }
        Duration between = call.timePerOutputToken();
        if (between != null) {
            timer(outputTokens, side, "output.token", ModelMeters.TOKEN).record(between);
        }
    }

    /** How the call ended, errors by their code. */
    private static String result(CallRecord call) {
        if (call.failedOver()) {
            return FAILED_OVER;
        }
        return call.errorCode() == null ? call.outcome().name().toLowerCase(Locale.ROOT) : call.errorCode();
    }

    private void count(Side side, String name, String label, String value, double amount) {
        counters.computeIfAbsent(new Count(side, name, label, value), this::counter)
                .increment(amount);
    }

    private Counter counter(Count count) {
        return Counter.builder("gateway.usage.variant." + count.name)
                .description("Of the calls that were meant for stable or the candidate")
                .tags(count.side.tags())
                .tag(count.label, count.value)
                .register(registry);
    }

    private Timer timer(Map<Side, Timer> timers, Side side, String name, Duration[] buckets) {
        return timers.computeIfAbsent(
                side,
                key -> Timer.builder("gateway.usage.variant." + name)
                        .description(
                                "Of the calls that were meant for stable or the candidate, until the first and between others")
                        .serviceLevelObjectives(buckets)
                        .tags(key.tags())
                        .register(registry));
    }
}

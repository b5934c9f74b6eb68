package io.deepgate.usage;

import io.deepgate.relay.TokenUsage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.LongStream;

/**
 * The meters of one tenant's calls to one model. Names that begin with {@code gen_ai} are those of OpenTelemetry's
 * semantic conventions for generative AI metrics; the buckets span what language models take.
 */
final class ModelMeters {

    static final Duration[] ANSWER = micros(
            10_000,
            50_000,
            100_000,
            250_000,
            500_000,
            1_000_000,
            2_500_000,
            5_000_000,
            10_000_000,
            30_000_000,
            60_000_000,
            120_000_000,
            300_000_000,
            600_000_000);
    static final Duration[] TOKEN =
            micros(1000, 5000, 10_000, 20_000, 30_000, 50_000, 75_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000);
    private static final Duration[] OVERHEAD = micros(100, 250, 500, 1000, 2000, 5000, 10_000, 50_000, 250_000);

    private static final double NANOS_PER_DOLLAR = 1e9;

    private final Timer duration;
    private final Timer timeToFirstToken;
    private final Timer timePerOutputToken;
    private final Timer overhead;
    private final Counter inputCached;
    private final Counter inputUncached;
    private final Counter output;
    private final Counter reasoning;
    private final Counter estimated;
    private final Counter cost;
    private final Counter unpriced;

    /** @param tags tenant and model */
    ModelMeters(MeterRegistry registry, Tags tags) {
        duration = timer("gen_ai.server.request.duration", "From a request's head to its answer's end", ANSWER)
                .tags(tags)
                .register(registry);
        timeToFirstToken = timer(
                        "gen_ai.server.time_to_first_token", "From a request's head to the first content", ANSWER)
                .tags(tags)
                .register(registry);
        timePerOutputToken = timer("gen_ai.server.time_per_output_token", "Between tokens after the first", TOKEN)
                .tags(tags)
                .register(registry);
        overhead = timer("gateway.call.overhead", "Durations without the waits for client and upstream", OVERHEAD)
                .tags(tags)
                .register(registry);
        inputCached = tokens("input_cached", tags, registry);
        inputUncached = tokens("input_uncached", tags, registry);
        output = tokens("output", tags, registry);
        reasoning = Counter.builder("gateway.usage.reasoning.tokens")
                .description("Output tokens that were reasoning")
                .tags(tags)
                .register(registry);
        estimated = Counter.builder("gateway.usage.estimated")
                .description("Calls whose tokens are an estimate")
                .tags(tags)
                .register(registry);
        cost = Counter.builder("gateway.usage.cost")
                .description("US dollars that calls cost")
                .tags(tags)
                .register(registry);
        unpriced = Counter.builder("gateway.usage.unpriced")
                .description("Calls that used tokens of a slug that has no price")
                .tags(tags)
                .register(registry);
    }

    void record(CallRecord call) {
        duration.record(call.duration());
        overhead.record(call.overhead());
        TokenUsage tokens = call.tokens();
        Duration first = call.timeToFirstToken();
        if (first != null) {
            timeToFirstToken.record(first);
        }
        Duration between = call.timePerOutputToken();
        if (between != null) {
            timePerOutputToken.record(between);
        }
        inputCached.increment(tokens.inputCached());
        inputUncached.increment(tokens.inputUncached());
        output.increment(tokens.output());
        reasoning.increment(tokens.reasoning());
        if (tokens.estimated()) {
            estimated.increment();
        }
        if (call.cost() == null) {
            unpriced.increment();
        } else {
            cost.increment(call.cost() / NANOS_PER_DOLLAR);
        }
    }

    private static Timer.Builder timer(String name, String description, Duration[] buckets) {
        return Timer.builder(name).description(description).serviceLevelObjectives(buckets);
    }

    private static Counter tokens(String kind, Tags tags, MeterRegistry registry) {
        return Counter.builder("gateway.usage.tokens")
                .description("Tokens used")
                .tags(tags)
                .tag("kind", kind)
                .register(registry);
    }

    private static Duration[] micros(long... micros) {
        return LongStream.of(micros)
                .mapToObj(micro -> Duration.ofNanos(micro * 1000))
                .toArray(Duration[]::new);
    }
}

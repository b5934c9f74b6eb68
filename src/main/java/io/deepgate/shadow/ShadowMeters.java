package io.deepgate.shadow;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code gateway.shadow.*}: what became of shadow calls, and what was said at either side. */
final class ShadowMeters {

    /** Why a call that was sampled is not asked of the candidate. */
    enum Drop {
        /** The process or the upstream has enough to do. */
        LOAD,
        QUEUE,
        BUDGET,
        MEMORY;

        private String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String STABLE = "stable";
    private static final String CANDIDATE = "candidate";
    private static final double NANOS_PER_DOLLAR = 1e9;

    private final MeterRegistry registry;

    ShadowMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    void dropped(String alias, Drop reason) {
        count(
                "dropped",
                "Sampled calls that were not asked of the candidate",
                Tags.of("alias", alias, "reason", reason.label()),
                1);
    }

    void ended(String alias, String result, Told candidate) {
        count("calls", "Calls that were asked of the candidate too", Tags.of("alias", alias, "result", result), 1);
        count(
                "tokens",
                "Tokens of shadow calls",
                Tags.of("alias", alias),
                candidate.tokens().total());
        if (candidate.cost() != null) {
            count("cost", "What shadow calls cost, USD", Tags.of("alias", alias), candidate.cost() / NANOS_PER_DOLLAR);
        }
    }

    /** Both have answered. */
    void compare(String alias, Told stable, Told candidate) {
        figures(alias, STABLE, stable);
        figures(alias, CANDIDATE, candidate);
    }

    private void figures(String alias, String side, Told told) {
        Tags tags = Tags.of("alias", alias, "side", side);
        if (told.finish() != null) {
            count(
                    "answers",
                    "Answers of both sides by how they ended",
                    tags.and("finish", told.finish().label()),
                    1);
        }
        summary("output", "Output tokens of an answer", tags, told.tokens().output());
        if (told.cost() != null) {
            summary("call.cost", "What an answer cost, USD", tags, told.cost() / NANOS_PER_DOLLAR);
        }
        timer("duration", tags, told.duration());
        if (told.firstToken() != null) {
            timer("first.token", tags, told.firstToken());
        }
    }

    /** Both answers could be read. */
    void examined(String alias, Examined stable, Examined candidate) {
        checks(alias, STABLE, stable);
        checks(alias, CANDIDATE, candidate);
        if (!stable.tools().isEmpty() || !candidate.tools().isEmpty()) {
            check(alias, CANDIDATE, "same_tools", stable.tools().equals(candidate.tools()));
        }
    }

    private void checks(String alias, String side, Examined answer) {
        summary("characters", "Length of an answer's text", Tags.of("alias", alias, "side", side), answer.characters());
        check(alias, side, "json", answer.json());
        check(alias, side, "schema", answer.schema());
        check(alias, side, "tool_names", answer.known());
        check(alias, side, "tool_arguments", answer.arguments());
        check(alias, side, "no_refusal", !answer.refusal());
    }

    private void check(String alias, String side, String check, @Nullable Boolean passed) {
        if (passed != null) {
            count(
                    "checks",
                    "What could be checked of answers, passed or not",
                    Tags.of("alias", alias, "side", side, "check", check, "passed", passed.toString()),
                    1);
        }
    }

    private void count(String name, String description, Tags tags, double amount) {
        Counter.builder("gateway.shadow." + name)
                .description(description)
                .tags(tags)
                .register(registry)
                .increment(amount);
    }

    private void summary(String name, String description, Tags tags, double amount) {
        DistributionSummary.builder("gateway.shadow." + name)
                .description(description)
                .tags(tags)
                .register(registry)
                .record(amount);
    }

    private void timer(String name, Tags tags, Duration took) {
        Timer.builder("gateway.shadow." + name)
                .description("How long both sides took for the same call, until the end or the first token")
                .tags(tags)
                .register(registry)
                .record(took);
    }
}

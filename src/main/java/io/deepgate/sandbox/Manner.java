package io.deepgate.sandbox;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a model differs on purpose from {@code deepseek-flash}, to try a rollout with: {@code sandbox-same} does not,
 * {@code sandbox-slow} takes three times as long to the first token and 200 ms more, {@code sandbox-dear} is for a price that
 * is higher, {@code sandbox-failing} answers 3 % of the calls with 500, {@code sandbox-truncating} cuts a fifth of the answers
 * off.
 */
enum Manner {
    SAME,
    SLOW,
    DEAR,
    FAILING,
    TRUNCATING;

    private static final int FAILING_PERCENT = 3;
    private static final int TRUNCATED_PERCENT = 20;

    private final String model = "sandbox-" + name().toLowerCase(Locale.ROOT);

    String model() {
        return model;
    }

    /** That of {@code model}; null for those that DeepSeek has. */
    static @Nullable Manner of(String model) {
        for (Manner manner : values()) {
            if (manner.model.equals(model)) {
                return manner;
            }
        }
        return null;
    }

    /** {@code asked} and what this model does besides. */
    Directives on(Directives asked, SandboxProperties properties) {
        Map<Directive, String> given = new EnumMap<>(Directive.class);
        int percent = ThreadLocalRandom.current().nextInt(100);
        if (this == SLOW) {
            Duration wait = properties.firstTokenDelay().multipliedBy(3).plusMillis(200);
            given.put(Directive.DELAY, wait.toMillis() + "ms");
        } else if (this == FAILING && percent < FAILING_PERCENT) {
            given.put(Directive.STATUS, "500");
        } else if (this == TRUNCATING && percent < TRUNCATED_PERCENT) {
            given.put(Directive.FINISH, "length");
        }
        given.putAll(asked.given());
        return new Directives(given);
    }
}

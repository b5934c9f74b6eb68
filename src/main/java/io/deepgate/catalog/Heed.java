package io.deepgate.catalog;

import io.deepgate.api.Parameter;
import io.deepgate.catalog.Parameters.ForcedToolChoice;
import io.deepgate.catalog.Parameters.JsonSchema;
import io.deepgate.catalog.Parameters.Thinking;
import io.deepgate.catalog.Parameters.Thoughts;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What becomes of a parameter of a request. */
public enum Heed {
    HEEDED,
    /** The gateway mends it: the answer is another than was asked for. */
    CHANGED,
    /** The upstream says nothing and does nothing. */
    IGNORED,
    /** The call is answered 400. */
    REJECTED;

    /** Some of it only while the model thinks. Source: DeepSeek's documentation, and what has been seen of it. */
    static final Set<Parameter> IGNORED_BY_DEEPSEEK =
            Set.copyOf(EnumSet.complementOf(EnumSet.of(Parameter.N, Parameter.JSON_SCHEMA, Parameter.FORCED_TOOL)));

    /** At {@code route}, by the rules of requests and by what its upstream ignores. */
    public static Heed of(Parameter parameter, Route route) {
        Parameters rules = route.parameters();
        return switch (parameter) {
            case N -> REJECTED;
            case JSON_SCHEMA -> rules.jsonSchema() == JsonSchema.REJECT ? REJECTED : CHANGED;
            case FORCED_TOOL ->
                neverThinks(rules) ? HEEDED : rules.forcedToolChoice() == ForcedToolChoice.PASS ? REJECTED : CHANGED;
            case TEMPERATURE, TOP_P, PRESENCE_PENALTY, FREQUENCY_PENALTY ->
                !neverThinks(rules) && route.upstream().ignores().contains(parameter) ? IGNORED : HEEDED;
            default -> route.upstream().ignores().contains(parameter) ? IGNORED : HEEDED;
        };
    }

    private static boolean neverThinks(Parameters rules) {
        Thoughts force = rules.force();
        return force.thinking() == Thinking.DISABLED || "none".equals(force.reasoningEffort());
    }

    /** Its name in reports. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}

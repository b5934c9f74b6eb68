package io.deepgate.catalog;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an alias does to a request's parameters, beside the model's name.
 *
 * @param force parameters that replace the caller's
 * @param byDefault parameters for callers that give none
 * @param maxTokens the most completion tokens a caller may ask for, and gets without asking; null for no cap
 */
public record Parameters(
        Thoughts force,
        Thoughts byDefault,
        @Nullable Integer maxTokens,
        JsonSchema jsonSchema,
        ForcedToolChoice forcedToolChoice) {

    /** An alias that changes nothing but what DeepSeek would refuse. */
    public static final Parameters PLAIN = new Parameters(
            Thoughts.UNSAID, Thoughts.UNSAID, null, JsonSchema.REJECT, ForcedToolChoice.DISABLE_THINKING);

    /**
     * How the model is to think; null for what is not said.
     *
     * @param reasoningEffort one of {@code none}, {@code low}, {@code high}, {@code max}
     */
    public record Thoughts(
            @Nullable Thinking thinking, @Nullable String reasoningEffort) {

        static final Thoughts UNSAID = new Thoughts(null, null);

        private static final Set<String> EFFORTS = Set.of("none", "low", "high", "max");

        public Thoughts {
            if (reasoningEffort != null && !EFFORTS.contains(reasoningEffort)) {
                throw new IllegalArgumentException(
                        "reasoning-effort is '" + reasoningEffort + "': write none, low, high or max");
            }
        }
    }

    /** Whether the model reasons before it answers. */
    public enum Thinking {
        ENABLED("{\"type\":\"enabled\"}"),
        DISABLED("{\"type\":\"disabled\"}");

        private final String json;

        Thinking(String json) {
            this.json = json;
        }

        String json() {
            return json;
        }
    }

    /** What becomes of {@code response_format: json_schema}, which DeepSeek does not take on chat. */
    public enum JsonSchema {
        /** It is answered 400, with the ways out. */
        REJECT,
        /** It becomes {@code json_object}; the schema is dropped. */
        JSON_OBJECT
    }

    /** What becomes of a {@code tool_choice} that forces a tool while the model thinks, which DeepSeek does not take. */
    public enum ForcedToolChoice {
        /** The model does not think in this call. */
        DISABLE_THINKING,
        /** It is sent as it is. */
        PASS
    }
}

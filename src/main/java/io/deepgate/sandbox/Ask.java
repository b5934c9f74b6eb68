package io.deepgate.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request to generate, understood, whatever the format it came in.
 *
 * @param model the model that serves it, which need not be the one it named
 * @param includeUsage whether {@code stream_options.include_usage} was asked for
 * @param tool the function to call, or null for a plain answer
 * @param schema what the answer has to fit, with nothing in it for any JSON object; null when it may be any text
 * @param prompt all that the model reads
 * @param question the last user message
 * @param echo what the answer repeats of the prompt before it begins
 * @param userId isolates the prefix cache; empty when there is none
 */
record Ask(
        String model,
        boolean stream,
        boolean includeUsage,
        boolean thinking,
        int maxTokens,
        List<String> stops,
        @Nullable Tool tool,
        @Nullable JsonNode schema,
        String prompt,
        String question,
        String echo,
        String userId,
        Directives directives) {

    /** The same, with what the model itself does besides what the message asks. */
    Ask by(@Nullable Manner manner, SandboxProperties properties) {
        return manner == null
                ? this
                : new Ask(
                        model,
                        stream,
                        includeUsage,
                        thinking,
                        maxTokens,
                        stops,
                        tool,
                        schema,
                        prompt,
                        question,
                        echo,
                        userId,
                        manner.on(directives, properties));
    }

    /** A function the model may call, and the JSON schema of its arguments. */
    record Tool(String name, JsonNode parameters) {}
}

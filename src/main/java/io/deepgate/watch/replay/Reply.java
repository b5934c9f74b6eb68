package io.deepgate.watch.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a model answered, as far as checks ask.
 *
 * @param text what it said, empty if nothing
 * @param tools the functions that it called
 * @param finish why it ended, null if it did not say
 * @param output completion tokens, reasoning included
 */
record Reply(String text, List<String> tools, @Nullable String finish, long cached, long uncached, long output) {

    /** Reads an answer of OpenAI's chat completions. */
    static Reply of(JsonNode answer) {
        JsonNode choice = answer.path("choices").path(0);
        JsonNode message = choice.path("message");
        JsonNode usage = answer.path("usage");
        long prompt = usage.path("prompt_tokens").asLong(0);
        long cached = usage.at("/prompt_tokens_details/cached_tokens")
                .asLong(usage.path("prompt_cache_hit_tokens").asLong(0));
        return new Reply(
                message.path("content").asString(""),
                message.path("tool_calls")
                        .valueStream()
                        .map(call -> call.at("/function/name").asString(""))
                        .toList(),
                choice.path("finish_reason").asString(null),
                cached,
                Math.max(0, prompt - cached),
                usage.path("completion_tokens").asLong(0));
    }

    /** Whether it neither said anything nor called a tool. */
    boolean isEmpty() {
        return text.isBlank() && tools.isEmpty();
    }
}

package io.deepgate.relay;

import org.jspecify.annotations.Nullable;

/**
 * The figures of the {@code usage} objects of one answer, by whatever name the endpoint gives them, as they come by. Where
 * a figure comes twice the later one counts: Anthropic's streams report the prompt first and the completion last.
 */
final class ReportedUsage {

    private long prompt;
    private long completion;
    private long cached;
    private long reasoning;
    private boolean promptIsUncached;

    /** Takes in {@code usage.name}, or {@code usage.name.detail} where detail is not null. */
    void add(String name, @Nullable String detail, long figure) {
        switch (detail == null ? name : name + "." + detail) {
            case "prompt_tokens", "input_tokens" -> prompt = figure;
            case "completion_tokens", "output_tokens" -> completion = figure;
            case "prompt_cache_hit_tokens",
                    "prompt_tokens_details.cached_tokens",
                    "input_tokens_details.cached_tokens" -> cached = figure;
            case "cache_read_input_tokens" -> {
                cached = figure;
                promptIsUncached = true;
            }
            case "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens" ->
                reasoning = figure;
            default -> {}
        }
    }

    TokenUsage tokens() {
        long uncached = promptIsUncached ? prompt : Math.max(0, prompt - cached);
        return new TokenUsage(cached, uncached, completion, reasoning, false);
    }
}

package io.deepgate.relay;

import org.jspecify.annotations.Nullable;

/** The figures of a {@code usage} object, as they come by. */
final class ReportedUsage {

    private long prompt;
    private long completion;
    private long cached;
    private long reasoning;

    /** Takes in {@code usage.name}, or {@code usage.name.detail} where detail is not null. */
    void add(String name, @Nullable String detail, long said) {
        long figure = Math.max(0, said);
        if (detail == null) {
            switch (name) {
                case "prompt_tokens" -> prompt = figure;
                case "completion_tokens" -> completion = figure;
                case "prompt_cache_hit_tokens" -> cached = figure;
                default -> {}
            }
        } else if (name.equals("prompt_tokens_details") && detail.equals("cached_tokens")) {
            cached = figure;
        } else if (name.equals("completion_tokens_details") && detail.equals("reasoning_tokens")) {
            reasoning = figure;
        }
    }

    TokenUsage tokens() {
        return new TokenUsage(cached, Math.max(0, prompt - cached), completion, reasoning, false);
    }
}

package io.deepgate.relay;

/** The figures of a {@code usage} object, as they come by. */
final class ReportedUsage {

    private long prompt;
    private long completion;
    private long cached;
    private long reasoning;

    /** Takes in {@code usage.name}, or {@code usage.name.detail} where detail is not empty. */
    void add(String name, String detail, long reported) {
        // What no model could have used would turn sums and limits over.
        long figure = Math.clamp(reported, 0, Integer.MAX_VALUE);
        if (detail.isEmpty()) {
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

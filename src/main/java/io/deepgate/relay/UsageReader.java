package io.deepgate.relay;

/**
 * Reads the {@code usage} objects of one answer, by whatever names the endpoint gives their figures. Where a figure comes
 * twice the later one counts: Anthropic's streams report the prompt first, in their {@code message}, and the completion
 * last.
 */
final class UsageReader {

    private long prompt;
    private long completion;
    private long cached;
    private long reasoning;
    private boolean promptIsUncached;
    private boolean begun;
    private boolean seen;
    private int usageDepth;

    /** An object opens at {@code path}; tells whether it is {@code usage}, of the answer or of what an event carries. */
    boolean open(Path path) {
        boolean isUsage = switch (path.depth()) {
            case 1 -> path.at(1).equals("usage");
            case 2 ->
                path.at(2).equals("usage")
                        && (path.at(1).equals("response") || path.at(1).equals("message"));
            default -> false;
        };
        if (isUsage) {
            usageDepth = path.depth() + 1;
            begun = true;
            seen |= !path.at(1).equals("message");
        }
        return isUsage;
    }

    void close(Path path) {
        if (path.depth() == usageDepth) {
            usageDepth = 0;
        }
    }

    /** Whether a number at {@code path} is a figure of usage. */
    boolean wants(Path path) {
        return usageDepth > 0 && path.known() && path.depth() <= usageDepth + 1;
    }

    void number(Path path, long said) {
        // What no model could have used would turn sums and limits over.
        long figure = Math.clamp(said, 0, Integer.MAX_VALUE);
        if (path.depth() == usageDepth) {
            figure(path.name(), figure);
        } else {
            detail(path.at(usageDepth), path.name(), figure);
        }
    }

    private void figure(String name, long figure) {
        switch (name) {
            case "prompt_tokens", "input_tokens" -> prompt = figure;
            case "completion_tokens", "output_tokens" -> completion = figure;
            case "prompt_cache_hit_tokens" -> cached = figure;
            case "cache_read_input_tokens" -> {
                cached = figure;
                promptIsUncached = true;
            }
            default -> {}
        }
    }

    private void detail(String of, String name, long figure) {
        switch (of) {
            case "prompt_tokens_details", "input_tokens_details" ->
                cached = name.equals("cached_tokens") ? figure : cached;
            case "completion_tokens_details", "output_tokens_details" ->
                reasoning = name.equals("reasoning_tokens") ? figure : reasoning;
            default -> {}
        }
    }

    /** What the upstream reported; for what it did not report, or not to its end, the estimates. */
    TokenUsage tokens(long estimatedPrompt, long estimatedCompletion) {
        if (!begun) {
            return new TokenUsage(0, estimatedPrompt, estimatedCompletion, 0, true);
        }
        long uncached = promptIsUncached ? prompt : Math.max(0, prompt - cached);
        long output = seen ? completion : Math.max(completion, estimatedCompletion);
        return new TokenUsage(cached, uncached, output, reasoning, !seen);
    }
}

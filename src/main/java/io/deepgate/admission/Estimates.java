package io.deepgate.admission;

/**
 * What one tenant's next call will probably use, learnt from what its calls did: sums in which each call counts less than
 * the one after it. Not thread-safe.
 */
final class Estimates {

    /** After 20 calls, what was learnt before them counts for a third. */
    private static final double MEMORY = 0.95;

    private final int leastCompletion;
    private final int mostCompletion;
    private double estimatedPrompt;
    private double usedPrompt;
    private double completion;
    private double calls;
    private double nanos;
    private double tokens;

    /** Bounds of the completion that is claimed, both within it. */
    Estimates(int leastCompletion, int mostCompletion) {
        this.leastCompletion = leastCompletion;
        this.mostCompletion = mostCompletion;
    }

    /** @param byBytes the prompt's tokens as its bytes suggest */
    long prompt(long byBytes) {
        return estimatedPrompt == 0 ? byBytes : Math.round(byBytes * (usedPrompt / estimatedPrompt));
    }

    /**
     * What the tenant's completions usually are, within the configured bounds, and no more than the call asks for.
     *
     * @param maxTokens 0 where the call does not say
     */
    long completion(long maxTokens) {
        long usual =
                calls == 0 ? mostCompletion : Math.clamp((long) (completion / calls), leastCompletion, mostCompletion);
        return maxTokens > 0 ? Math.min(maxTokens, usual) : usual;
    }

    /** Nano-dollars of so many tokens, 0 while nothing is known. */
    long cost(long tokens) {
        return this.tokens == 0 ? 0 : Math.round(tokens * (nanos / this.tokens));
    }

    /** @param promptByBytes the call's prompt as its bytes suggested */
    void learn(long promptByBytes, Used used) {
        if (!used.reported() || used.promptTokens() == 0) {
            return;
        }
        estimatedPrompt = estimatedPrompt * MEMORY + promptByBytes;
        usedPrompt = usedPrompt * MEMORY + used.promptTokens();
        completion = completion * MEMORY + used.completionTokens();
        calls = calls * MEMORY + 1;
        if (used.costNanos() != null) {
            nanos = nanos * MEMORY + used.costNanos();
            tokens = tokens * MEMORY + used.spent().tokens();
        }
    }
}

package io.deepgate.relay;

/**
 * The tokens of one call.
 *
 * @param inputCached prompt tokens that came from the upstream's prefix cache
 * @param inputUncached all other prompt tokens
 * @param output completion tokens, reasoning included
 * @param reasoning those of the output that were reasoning
 * @param estimated whether this is our own counting and not the upstream's report
 */
public record TokenUsage(long inputCached, long inputUncached, long output, long reasoning, boolean estimated) {

    public static final TokenUsage NONE = new TokenUsage(0, 0, 0, 0, false);

    /** All tokens, prompt and completion. */
    public long total() {
        return inputCached + inputUncached + output;
    }
}

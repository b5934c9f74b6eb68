package io.deepgate.relay;

import java.util.Locale;

/** How an answer ended, in one word for what the endpoints have many. */
public enum Finish {
    STOP,
    /** Cut off at the most tokens it might have. */
    LENGTH,
    CONTENT_FILTER,
    TOOL_CALLS,
    /** The upstream gave up, or has a word of its own. */
    OTHER,
    /** Ended as if all were said, but without a word or a tool call; reasoning alone is none. */
    EMPTY;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Its name in meters, logs and the ledger. */
    public String label() {
        return label;
    }

    /** Whether the caller has less than an answer. */
    public boolean incomplete() {
        return this != STOP && this != TOOL_CALLS;
    }

    static Finish of(String reason) {
        return switch (reason) {
            case "stop", "end_turn", "stop_sequence", "completed" -> STOP;
            case "length", "max_tokens", "max_output_tokens" -> LENGTH;
            case "content_filter", "refusal" -> CONTENT_FILTER;
            case "tool_calls", "tool_use", "function_call" -> TOOL_CALLS;
            default -> OTHER;
        };
    }
}

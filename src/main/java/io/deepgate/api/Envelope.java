package io.deepgate.api;

/** The two forms in which clients read errors. */
public enum Envelope {
    /** {@code {"error":{"message","type","param","code"}}}. */
    OPENAI,
    /** {@code {"type":"error","error":{"type","message"}}}. */
    ANTHROPIC;

    /** The form for a path of which nothing else is known. */
    public static Envelope ofPath(String path) {
        return path.startsWith("/anthropic/") || path.startsWith("/v1/anthropic/") ? ANTHROPIC : OPENAI;
    }
}

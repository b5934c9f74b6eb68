package io.deepgate.relay;

import tools.jackson.core.JsonParser;

/** Knows content when it sees it: text, reasoning, tool calls and a finish, in every endpoint's words. */
final class ContentReader {

    private final TokenEstimate written = new TokenEstimate();
    private long pieces;
    private volatile long firstAt;

    /** Looks at the string at which {@code json} stands; of a long one, {@code skipped} is not there. */
    void string(Path path, JsonParser json, TokenEstimate skipped) {
        switch (path.at(1)) {
            case "choices", "delta", "output", "content" -> {
                if (json.getStringLength() > 0) {
                    piece(path.name(), json, skipped);
                }
            }
            default -> {}
        }
    }

    private void piece(String name, JsonParser json, TokenEstimate skipped) {
        switch (name) {
            case "content", "reasoning_content", "text", "thinking", "delta", "name", "arguments", "partial_json" -> {
                written.add(json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
                written.add(skipped);
                count();
            }
            case "finish_reason", "stop_reason" -> count();
            default -> {}
        }
    }

    private void count() {
        if (pieces++ == 0) {
            firstAt = System.nanoTime();
        }
    }

    /** Pieces of content so far. */
    long pieces() {
        return pieces;
    }

    /** {@link System#nanoTime} of the first piece, 0 before it. */
    long firstAt() {
        return firstAt;
    }

    /** An estimate of the tokens of all pieces. */
    long tokens() {
        return written.tokens();
    }
}

package io.deepgate.relay;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;

/** Knows content when it sees it: text, reasoning, tool calls and a finish, in every endpoint's words. */
final class ContentReader {

    private final TokenEstimate written = new TokenEstimate();
    private long pieces;
    private volatile long firstAt;
    private boolean said;
    private @Nullable Finish finish;

    /** Looks at the string at which {@code json} stands; of a long one, {@code skipped} is not there. */
    void string(Path path, JsonParser json, TokenEstimate skipped) {
        switch (path.at(1)) {
            case "choices", "delta", "output", "content" -> {
                if (json.getStringLength() > 0) {
                    piece(path.name(), json, skipped);
                }
            }
            case "stop_reason", "status", "incomplete_details", "response" -> end(path, json);
            default -> {}
        }
    }

    /** What is no part of a choice, but says how the answer ended. */
    private void end(Path path, JsonParser json) {
        switch (path.name()) {
            case "stop_reason" -> finish = Finish.of(json.getString());
            case "status" -> finish = path.depth() <= 2 && json.getString().equals("completed") ? Finish.STOP : finish;
            case "reason" ->
                finish = path.at(path.depth() - 1).equals("incomplete_details") ? Finish.of(json.getString()) : finish;
            default -> {}
        }
    }

    private void piece(String name, JsonParser json, TokenEstimate skipped) {
        switch (name) {
            case "content", "text", "delta", "name", "arguments", "partial_json" -> {
                said = true;
                written(json, skipped);
            }
            case "reasoning_content", "thinking" -> written(json, skipped);
            case "finish_reason", "stop_reason" -> {
                finish = Finish.of(json.getString());
                count();
            }
            default -> {}
        }
    }

    private void written(JsonParser json, TokenEstimate skipped) {
        written.add(json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
        written.add(skipped);
        count();
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

    /** How the answer ended, if it is whole; null where the upstream has not said it. */
    @Nullable
    Finish finish() {
        return !said && (finish == null || finish == Finish.STOP) ? Finish.EMPTY : finish;
    }

    /** An estimate of the tokens of all pieces. */
    long tokens() {
        return written.tokens();
    }
}

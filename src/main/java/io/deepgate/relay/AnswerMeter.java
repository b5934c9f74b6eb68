package io.deepgate.relay;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.async.ByteBufferFeeder;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the JSON of an answer beside its relaying, in whatever pieces it comes: usage, content, the model's name. Goes by
 * tokens and builds no tree. The whole answer is one document, or each event of a stream is one. The names that matter
 * are different in every endpoint's answers but never contradict each other, so that one reader serves them all.
 */
public final class AnswerMeter {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int DEEPEST_NAME = 8;

    private final JsonParser json = JSON.createNonBlockingByteBufferParser(ObjectReadContext.empty());
    private final ByteBufferFeeder feeder = (ByteBufferFeeder) json.nonBlockingInputFeeder();
    private final String[] path = new String[DEEPEST_NAME + 1];
    private final TokenEstimate written = new TokenEstimate();
    private final ReportedUsage reported = new ReportedUsage();
    private int depth;
    private int usageDepth;
    private boolean hasUsage;
    private boolean hasChoice;
    private boolean documentHasUsage;
    private boolean documentEnded;
    private boolean complete;
    private boolean garbled;
    private boolean error;
    private long pieces;
    private volatile long firstContentAt;
    private @Nullable String model;

    public AnswerMeter() {
        Arrays.fill(path, "");
    }

    /** Reads the bytes of {@code part} from {@code from} to {@code to}; they stay where they are. */
    void read(ByteBuf part, int from, int to) {
        if (garbled || from == to) {
            return;
        }
        try {
            if (part.nioBufferCount() == 1) {
                read(part.internalNioBuffer(from, to - from));
            } else {
                for (ByteBuffer piece : part.nioBuffers(from, to - from)) {
                    read(piece);
                }
            }
        } catch (JacksonException e) {
            garbled = true;
        }
    }

    private void read(ByteBuffer part) {
        feeder.feedInput(part);
        for (JsonToken token = json.nextToken(); token != JsonToken.NOT_AVAILABLE; token = json.nextToken()) {
            switch (token) {
                case PROPERTY_NAME -> name(json.currentName());
                case START_OBJECT, START_ARRAY -> open(token == JsonToken.START_OBJECT);
                case END_OBJECT, END_ARRAY -> close();
                case VALUE_STRING -> string();
                case VALUE_NUMBER_INT -> number();
                default -> {}
            }
        }
    }

    private void name(String name) {
        if (depth <= DEEPEST_NAME) {
            path[depth] = name;
        }
    }

    private void open(boolean object) {
        if (depth == 0) {
            documentEnded = false;
            documentHasUsage = false;
            hasChoice = false;
        } else if (depth == 1) {
            error |= object && path[1].equals("error");
        } else if (depth == 2) {
            hasChoice |= path[1].equals("choices");
            error |= object && path[1].equals("response") && path[2].equals("error");
        }
        if (usageDepth == 0 && object && isUsage()) {
            usageDepth = depth + 1;
            hasUsage = true;
            documentHasUsage = true;
        }
        depth++;
        name("");
    }

    /** Whether the object that opens is {@code usage}, {@code response.usage} or {@code message.usage}. */
    private boolean isUsage() {
        return (depth == 1 && path[1].equals("usage"))
                || (depth == 2 && path[2].equals("usage") && (path[1].equals("response") || path[1].equals("message")));
    }

    private void close() {
        if (depth == usageDepth) {
            usageDepth = 0;
        }
        depth--;
        documentEnded = depth == 0;
    }

    private void string() {
        if (depth == 0 || depth > DEEPEST_NAME || json.getStringLength() == 0) {
            return;
        }
        if (depth == 1) {
            top(path[1]);
        } else if (depth == 2 && path[2].equals("model") && model == null) {
            model = json.getString();
        } else if (isAnswer(path[1])) {
            content(path[depth]);
        }
    }

    private void top(String name) {
        switch (name) {
            case "model" -> model = model == null ? json.getString() : model;
            case "delta" -> written();
            case "type" -> type(json.getString());
            default -> {}
        }
    }

    /** In streams whose events have names, the name says when all is said. */
    private void type(String type) {
        switch (type) {
            case "response.completed", "response.incomplete", "message_stop" -> complete = true;
            case "response.failed", "error" -> error = true;
            default -> {}
        }
    }

    private static boolean isAnswer(String member) {
        return member.equals("choices")
                || member.equals("delta")
                || member.equals("output")
                || member.equals("content");
    }

    private void content(String name) {
        switch (name) {
            case "content", "reasoning_content", "text", "thinking", "name", "arguments", "partial_json" -> written();
            case "finish_reason", "stop_reason" -> piece();
            default -> {}
        }
    }

    private void written() {
        written.add(json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
        piece();
    }

    private void piece() {
        if (pieces++ == 0) {
            firstContentAt = System.nanoTime();
        }
    }

    private void number() {
        if (usageDepth > 0 && depth <= DEEPEST_NAME) {
            switch (depth - usageDepth) {
                case 0 -> reported.add(path[depth], null, json.getLongValue());
                case 1 -> reported.add(path[depth - 1], path[depth], json.getLongValue());
                default -> {}
            }
        }
    }

    /** Whether any document has begun. */
    boolean documentBegun() {
        return depth > 0 || documentEnded;
    }

    /** Whether a document has ended and none has begun since. */
    boolean documentEnded() {
        return documentEnded;
    }

    /** Whether the last document had usage and no choice: what some upstreams send only if they are asked to. */
    boolean usageOnly() {
        return documentEnded && documentHasUsage && !hasChoice;
    }

    /** Whether an event has said that the stream is complete. */
    boolean complete() {
        return complete;
    }

    /** Whether something was read that is no JSON. */
    boolean garbled() {
        return garbled;
    }

    /** Whether the upstream itself said that it failed. */
    public boolean error() {
        return error;
    }

    /** Pieces of content so far: text, reasoning, tool calls, a finish. */
    long pieces() {
        return pieces;
    }

    /** {@link System#nanoTime} of the first content, 0 before it. */
    public long firstContentAt() {
        return firstContentAt;
    }

    /** What the upstream says the model was, or null if it has not said it. */
    public @Nullable String model() {
        return model;
    }

    /** The upstream's report, else an estimate from {@code promptTokens} and what was written. */
    public TokenUsage usage(long promptTokens) {
        return hasUsage ? reported.tokens() : new TokenUsage(0, promptTokens, written.tokens(), 0, true);
    }
}

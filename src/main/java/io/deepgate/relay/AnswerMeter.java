package io.deepgate.relay;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.async.ByteBufferFeeder;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the JSON of an answer beside its relaying, in whatever pieces it comes: usage, content, the model's name. Goes by
 * tokens and builds no tree. The whole answer is one document, or each event of a stream is one.
 */
public final class AnswerMeter {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int DEEPEST_NAME = 8;

    private final JsonParser json = JSON.createNonBlockingByteBufferParser(ObjectReadContext.empty());
    private final ByteBufferFeeder feeder = (ByteBufferFeeder) json.nonBlockingInputFeeder();
    private final @Nullable String[] path = new String[DEEPEST_NAME + 1];
    private final TokenEstimate written = new TokenEstimate();
    private int depth;
    private boolean documentEnded;
    private boolean garbled;
    private boolean error;
    private long pieces;
    private long firstContentAt;
    private @Nullable String model;
    private @Nullable ReportedUsage reported;

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
                case START_OBJECT, START_ARRAY -> open();
                case END_OBJECT, END_ARRAY -> documentEnded = --depth == 0;
                case VALUE_STRING -> string();
                case VALUE_NUMBER_INT -> number();
                default -> {}
            }
        }
    }

    private void name(@Nullable String name) {
        if (depth <= DEEPEST_NAME) {
            path[depth] = name;
        }
    }

    private void open() {
        if (depth == 0) {
            documentEnded = false;
        } else if (depth == 1) {
            error |= "error".equals(path[1]);
            reported = "usage".equals(path[1]) ? new ReportedUsage() : reported;
        }
        depth++;
        // In a list nothing has a name, and in an object nothing has one yet.
        name(null);
    }

    private void string() {
        if (depth == 1 && model == null && "model".equals(path[1])) {
            model = json.getString();
        } else if (depth >= 3 && depth <= DEEPEST_NAME && "choices".equals(path[1]) && json.getStringLength() > 0) {
            choice(path[depth]);
        }
    }

    private void choice(@Nullable String name) {
        switch (name) {
            case null -> {}
            case "content", "reasoning_content", "text", "name", "arguments" -> {
                written.add(json.getStringCharacters(), json.getStringOffset(), json.getStringLength());
                content();
            }
            case "finish_reason" -> content();
            default -> {}
        }
    }

    private void content() {
        if (pieces++ == 0) {
            firstContentAt = System.nanoTime();
        }
    }

    private void number() {
        if (reported != null && "usage".equals(path[1]) && (depth == 2 || depth == 3)) {
            String name = path[2];
            String detail = depth == 3 ? path[3] : "";
            if (name != null && detail != null) {
                reported.add(name, detail, json.getLongValue());
            }
        }
    }

    /** Whether a document has ended and none has begun since. */
    boolean documentEnded() {
        return documentEnded;
    }

    /** Whether any document has begun. */
    boolean documentBegun() {
        return depth > 0 || documentEnded;
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
        return reported != null ? reported.tokens() : new TokenUsage(0, promptTokens, written.tokens(), 0, true);
    }
}

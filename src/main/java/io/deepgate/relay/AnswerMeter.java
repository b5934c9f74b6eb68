package io.deepgate.relay;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonParser.NumberType;
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
    private final String[] path = new String[DEEPEST_NAME + 1];
    private final TokenEstimate written = new TokenEstimate();
    private int depth;
    private long documents;
    private boolean garbled;
    private boolean whole;
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
            if (depth == 0 && token != JsonToken.START_OBJECT) {
                garbled = true;
                return;
            }
            switch (token) {
                case PROPERTY_NAME -> name(json.currentName());
                case START_OBJECT, START_ARRAY -> open();
                case END_OBJECT, END_ARRAY -> depth--;
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

    private void open() {
        if (depth == 0) {
            documents++;
        } else if (depth == 1) {
            error |= path[1].equals("error");
            reported = path[1].equals("usage") ? new ReportedUsage() : reported;
        }
        depth++;
        // What an array holds has no name.
        name("");
    }

    private void string() {
        if (depth == 1 && model == null && path[1].equals("model")) {
            model = json.getString();
        } else if (depth >= 3 && depth <= DEEPEST_NAME && path[1].equals("choices") && json.getStringLength() > 0) {
            choice(path[depth]);
        }
    }

    private void choice(String name) {
        switch (name) {
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
        if (reported == null || !path[1].equals("usage") || json.getNumberType() == NumberType.BIG_INTEGER) {
            return;
        }
        if (depth == 2 || depth == 3) {
            reported.add(path[2], depth == 3 ? path[3] : null, json.getLongValue());
        }
    }

    /** An event has ended, and with it what it holds must have. */
    void eventEnded() {
        garbled |= depth > 0;
    }

    /** What was read is no JSON object. */
    void garble() {
        garbled = true;
    }

    /** Whether a document has begun that has not ended. */
    boolean insideDocument() {
        return depth > 0;
    }

    /** Documents that have begun. */
    long documents() {
        return documents;
    }

    /** Whether something was read that is no JSON object. */
    boolean garbled() {
        return garbled;
    }

    /** All of the answer has come; only the end of its body may be missing. */
    void whole() {
        whole = true;
    }

    /** Whether all of the answer has come. */
    public boolean isWhole() {
        return whole;
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

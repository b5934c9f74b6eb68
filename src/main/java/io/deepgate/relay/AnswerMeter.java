package io.deepgate.relay;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
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
 * tokens and builds no tree. The whole answer is one document, or each event of a stream is one. The names that matter
 * differ between endpoints but never contradict each other, so that one reader serves them all.
 */
public final class AnswerMeter {

    private static final JsonFactory JSON = new JsonFactory();
    private static final ByteProcessor BLANK = one -> one == ' ' || one == '\n' || one == '\r' || one == '\t';

    private @Nullable JsonParser parser;
    private final Path path = new Path();
    private final UsageReader usage = new UsageReader();
    private final ContentReader content = new ContentReader();
    private final LongString longString = new LongString();
    private long documents;
    private boolean documentHasUsage;
    private boolean documentHasChoices;
    private boolean documentHasChoice;
    private boolean complete;
    private boolean garbled;
    private boolean whole;
    private boolean torn;
    private boolean error;
    private @Nullable String model;

    /** Reads the bytes of {@code part} from {@code from} to {@code to}; they stay where they are. */
    void read(ByteBuf part, int from, int to) {
        if (garbled || from == to) {
            return;
        }
        if (whole) {
            garbled = part.forEachByte(from, to - from, BLANK) >= 0;
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
        if (longString.isLong()) {
            int from = longString.skipFrom(part);
            if (from < part.limit()) {
                if (from > part.position()) {
                    parse(part.duplicate().limit(from));
                }
                part.position(longString.skip(part, from));
            }
        }
        if (part.hasRemaining()) {
            int from = part.position();
            parse(part);
            longString.parsed(part, from);
        }
    }

    private void parse(ByteBuffer part) {
        JsonParser json = parser();
        ((ByteBufferFeeder) json.nonBlockingInputFeeder()).feedInput(part);
        for (JsonToken token = json.nextToken(); token != JsonToken.NOT_AVAILABLE; token = json.nextToken()) {
            if (path.depth() == 0 && token != JsonToken.START_OBJECT) {
                garbled = true;
                return;
            }
            longString.token();
            switch (token) {
                case PROPERTY_NAME -> path.name(json.currentName());
                case START_OBJECT, START_ARRAY -> open(token == JsonToken.START_OBJECT);
                case END_OBJECT, END_ARRAY -> close();
                case VALUE_STRING -> string(json);
                case VALUE_NUMBER_INT -> number(json);
                default -> {}
            }
        }
    }

    private JsonParser parser() {
        JsonParser json = parser;
        if (json == null) {
            json = JSON.createNonBlockingByteBufferParser(ObjectReadContext.empty());
            parser = json;
        }
        return json;
    }

    private void open(boolean object) {
        if (path.depth() == 0) {
            documents++;
            documentHasUsage = false;
            documentHasChoices = false;
            documentHasChoice = false;
        }
        documentHasChoices |= path.depth() == 1 && path.at(1).equals("choices");
        if (object) {
            documentHasUsage |= usage.open(path);
            documentHasChoice |= path.depth() == 2 && path.at(1).equals("choices");
            error |= path.name().equals("error") && (path.depth() == 1 || isResponse());
        }
        path.open();
    }

    private boolean isResponse() {
        return path.depth() == 2 && path.at(1).equals("response");
    }

    private void close() {
        usage.close(path);
        path.close();
    }

    private void string(JsonParser json) {
        if (!path.known()) {
            return;
        }
        if (path.depth() <= 2 && path.name().equals("model")) {
            model = model == null ? json.getString() : model;
        } else if (path.depth() == 1 && path.name().equals("type")) {
            type(json.getString());
        } else {
            content.string(path, json, longString.skipped());
        }
    }

    /** In streams whose events have names, one of them says that all is said. */
    private void type(String type) {
        switch (type) {
            case "response.completed", "response.incomplete", "message_stop" -> complete = true;
            case "response.failed", "error" -> error = true;
            default -> {}
        }
    }

    private void number(JsonParser json) {
        if (usage.wants(path) && json.getNumberType() != NumberType.BIG_INTEGER) {
            usage.number(path, json.getLongValue());
        }
    }

    /** An event has ended, and with it what it holds must have. */
    void endEvent() {
        garbled |= path.depth() > 0;
    }

    /** What was read is no JSON object. */
    void garble() {
        garbled = true;
    }

    /** Whether a document has begun that has not ended. */
    boolean insideDocument() {
        return path.depth() > 0;
    }

    /** Documents that have begun. */
    long documents() {
        return documents;
    }

    /** Whether the last document had usage and an empty list of choices: some upstreams send one if they are asked to. */
    boolean usageOnly() {
        return documentHasUsage && documentHasChoices && !documentHasChoice;
    }

    /** Whether an event has said that the stream is complete. */
    boolean complete() {
        return complete;
    }

    /** Whether something was read that is no JSON object. */
    boolean garbled() {
        return garbled;
    }

    /** All of the answer has come; only the end of its body may be missing. */
    void whole() {
        whole = true;
        if (parser != null) {
            // Gives its memory and the names it has learned to those that come after.
            parser.close();
        }
    }

    /** Whether all of the answer has come. */
    public boolean isWhole() {
        return whole;
    }

    /** Whether the client has the beginning of an event, but not its end yet. */
    void torn(boolean torn) {
        this.torn = torn;
    }

    /** Whether the client has the beginning of an event without its end, so that no other event may follow. */
    public boolean torn() {
        return torn;
    }

    /** Whether the upstream itself said that it failed. */
    public boolean error() {
        return error;
    }

    /** Pieces of content so far. */
    long pieces() {
        return content.pieces();
    }

    /** {@link System#nanoTime} of the first content, 0 before it. */
    public long firstContentAt() {
        return content.firstAt();
    }

    /** What the upstream says the model was, or null if it has not said it. */
    public @Nullable String model() {
        return model;
    }

    /** How the answer ended, if it is whole; null where the upstream has not said it. */
    public @Nullable Finish finish() {
        return content.finish();
    }

    /** The upstream's report, else an estimate from {@code promptTokens} and what was written. */
    public TokenUsage usage(long promptTokens) {
        return usage.tokens(promptTokens, content.tokens());
    }
}

package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** Walks over a request's tokens once and notes the few fields the gateway acts on; builds no tree. */
final class RequestScanner {

    private static final int LONGEST_MODEL = 256;

    // UTF-8 is all that JSON over HTTP allows, and offsets would be wrong in any other encoding.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();

    private final ByteBuf bytes;
    private final JsonParser json;
    private final Set<String> seen = new HashSet<>();
    private @Nullable String model;
    private int modelStart;
    private int modelEnd;
    private boolean stream;
    private long maxTokens;

    private RequestScanner(ByteBuf bytes) {
        this.bytes = bytes;
        this.json = JSON.createParser(ObjectReadContext.empty(), (InputStream) new ByteBufInputStream(bytes.slice()));
    }

    /**
     * The fields of {@code bytes}, which stay untouched.
     *
     * @throws InvalidRequestException if they are no JSON object, or a field the gateway acts on is wrong or repeated
     */
    static RequestBody scan(ByteBuf bytes) {
        RequestScanner scanner = new RequestScanner(bytes);
        try (scanner.json) {
            return scanner.scan();
        } catch (JacksonException e) {
            throw new InvalidRequestException("invalid_json", null, "The request body is not valid JSON: " + where(e));
        }
    }

    private RequestBody scan() {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw new InvalidRequestException("invalid_json", null, "The request body must be a JSON object.");
        }
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            switch (name) {
                case "model" -> readModel(value);
                case "stream" -> readStream(value);
                case "max_tokens", "max_completion_tokens" -> readMaxTokens(name, value);
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw new InvalidRequestException("invalid_json", null, "Something follows the JSON object in the body.");
        }
        if (model == null) {
            throw new InvalidRequestException(
                    "missing_required_parameter", "model", "Say which model to use, as \"model\": \"…\".");
        }
        return new RequestBody(bytes, model, modelStart, modelEnd, stream, maxTokens);
    }

    private void readModel(JsonToken value) {
        once("model");
        if (value != JsonToken.VALUE_STRING) {
            throw new InvalidRequestException("invalid_type", "model", "\"model\" must be a string.");
        }
        modelStart = (int) json.currentTokenLocation().getByteOffset();
        model = json.getString();
        modelEnd = (int) json.currentLocation().getByteOffset();
        if (model.isEmpty() || model.length() > LONGEST_MODEL) {
            throw new InvalidRequestException(
                    "invalid_value", "model", "\"model\" must have 1 to " + LONGEST_MODEL + " characters.");
        }
    }

    private void readStream(JsonToken value) {
        once("stream");
        if (!value.isBoolean() && value != JsonToken.VALUE_NULL) {
            throw new InvalidRequestException("invalid_type", "stream", "\"stream\" must be true or false.");
        }
        stream = value == JsonToken.VALUE_TRUE;
    }

    private void readMaxTokens(String name, JsonToken value) {
        once(name);
        if (value == JsonToken.VALUE_NULL) {
            return;
        }
        if (value != JsonToken.VALUE_NUMBER_INT) {
            throw new InvalidRequestException("invalid_type", name, "\"" + name + "\" must be a whole number.");
        }
        if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new InvalidRequestException("invalid_value", name, "\"" + name + "\" is more than any model writes.");
        }
        long tokens = json.getLongValue();
        if (tokens > 0) {
            maxTokens = maxTokens == 0 ? tokens : Math.min(maxTokens, tokens);
        }
    }

    private void once(String name) {
        if (!seen.add(name)) {
            throw new InvalidRequestException("invalid_value", name, "\"" + name + "\" is there twice.");
        }
    }

    private static String where(JacksonException e) {
        String message = e.getOriginalMessage();
        String line = message == null ? "" : message.lines().findFirst().orElse("");
        int source = line.indexOf("[Source");
        String reason = source < 0 ? line : line.substring(0, line.lastIndexOf(" (", source));
        // Jackson knows no place for what is beyond its bounds: depth, digits, the length of a name.
        TokenStreamLocation place = e.getLocation();
        return place == null
                ? reason + "."
                : reason + " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ").";
    }
}

package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** Walks over a request's tokens once and notes the few members the gateway acts on; builds no tree. */
final class RequestScanner {

    /** The members that bound the completion, by what the different endpoints call them. */
    static final Set<String> LIMITS = Set.of("max_tokens", "max_completion_tokens", "max_output_tokens");

    private static final int LONGEST_MODEL = 256;
    private static final String DEVELOPER = "developer";

    static final JsonFactory JSON = new RequestParser.Factory();

    private final ByteBuf bytes;
    private final JsonParser json;
    private final Map<String, Member> members = new HashMap<>();
    private final List<RequestBody.Span> developerRoles = new ArrayList<>(0);
    private int parameters;

    private RequestScanner(ByteBuf bytes) {
        // From 0 on, as offsets are counted.
        this.bytes = bytes.readerIndex() == 0 ? bytes : bytes.slice();
        this.json =
                JSON.createParser(ObjectReadContext.empty(), (InputStream) new ByteBufInputStream(this.bytes.slice()));
    }

    /**
     * The members of {@code bytes}, which stay untouched.
     *
     * @throws InvalidRequestException if they are no JSON object, or a member the gateway acts on is wrong or repeated
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
        int index = 0;
        for (String name = json.nextName(); name != null; name = json.nextName(), index++) {
            switch (name) {
                case "model",
                        "stream",
                        "stream_options",
                        "max_tokens",
                        "max_completion_tokens",
                        "max_output_tokens",
                        "n",
                        "response_format",
                        "tool_choice",
                        "thinking",
                        "reasoning",
                        "reasoning_effort",
                        "output_config",
                        "user_id",
                        "user",
                        "metadata" -> note(name, index);
                case "messages" -> messages();
                case "seed",
                        "logit_bias",
                        "parallel_tool_calls",
                        "store",
                        "service_tier",
                        "temperature",
                        "top_p",
                        "presence_penalty",
                        "frequency_penalty" -> parameter(name);
                default -> {
                    json.nextToken();
                    json.skipChildren();
                }
            }
        }
        if (json.nextToken() != null) {
            throw new InvalidRequestException("invalid_json", null, "Something follows the JSON object in the body.");
        }
        check();
        return new RequestBody(bytes, members, developerRoles, parameters);
    }

    private void parameter(String name) {
        Parameter parameter = Parameter.of(name);
        if (json.nextToken() != JsonToken.VALUE_NULL && parameter != null) {
            parameters |= parameter.bit();
        }
        json.skipChildren();
    }

    private void note(String name, int index) {
        int keyStart = (int) json.currentTokenLocation().getByteOffset();
        JsonToken kind = json.nextToken();
        int valueStart = (int) json.currentTokenLocation().getByteOffset();
        String text = switch (kind) {
            case VALUE_STRING, VALUE_NUMBER_INT -> json.getString();
            case START_OBJECT -> told(Member.told(name));
            case START_ARRAY -> {
                json.skipChildren();
                yield null;
            }
            default -> null;
        };
        int valueEnd = (int) json.currentLocation().getByteOffset();
        if (members.put(name, new Member(name, index, keyStart, valueStart, valueEnd, kind, text)) != null) {
            throw new InvalidRequestException("invalid_value", name, "\"" + name + "\" is there twice.");
        }
    }

    /** What an object says as {@code wanted}; null if that is not there, or neither a string nor true. */
    private @Nullable String told(String wanted) {
        String told = null;
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            if (name.equals(wanted)) {
                told = value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_TRUE ? json.getString() : null;
            }
            json.skipChildren();
        }
        return told;
    }

    private void messages() {
        if (json.nextToken() != JsonToken.START_ARRAY) {
            json.skipChildren();
            return;
        }
        for (JsonToken next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
            if (next == JsonToken.START_OBJECT) {
                message();
            } else {
                json.skipChildren();
            }
        }
    }

    private void message() {
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            if (name.equals("role")
                    && value == JsonToken.VALUE_STRING
                    && json.getStringLength() == DEVELOPER.length()) {
                int start = (int) json.currentTokenLocation().getByteOffset();
                if (json.getString().equals(DEVELOPER)) {
                    developerRoles.add(new RequestBody.Span(
                            start, (int) json.currentLocation().getByteOffset()));
                }
            }
            json.skipChildren();
        }
    }

    private void check() {
        Member model = checked("model", "a string", JsonToken.VALUE_STRING);
        if (model == null) {
            throw new InvalidRequestException(
                    "missing_required_parameter", "model", "Say which model to use, as \"model\": \"…\".");
        }
        if (model.text() == null || model.text().isEmpty() || model.text().length() > LONGEST_MODEL) {
            throw new InvalidRequestException(
                    "invalid_value", "model", "\"model\" must have 1 to " + LONGEST_MODEL + " characters.");
        }
        checked("stream", "true or false", JsonToken.VALUE_TRUE, JsonToken.VALUE_FALSE, JsonToken.VALUE_NULL);
        LIMITS.forEach(this::checkLimit);
    }

    private void checkLimit(String name) {
        Member limit = checked(name, "a whole number", JsonToken.VALUE_NUMBER_INT, JsonToken.VALUE_NULL);
        if (limit != null && limit.beyondBounds()) {
            throw new InvalidRequestException("invalid_value", name, "\"" + name + "\" is more than any model writes.");
        }
    }

    private @Nullable Member checked(String name, String wanted, JsonToken... kinds) {
        Member member = members.get(name);
        if (member != null && !List.of(kinds).contains(member.kind())) {
            throw new InvalidRequestException("invalid_type", name, "\"" + name + "\" must be " + wanted + ".");
        }
        return member;
    }

    private static String where(JacksonException e) {
        String message = e.getOriginalMessage();
        String line = message == null ? "" : message.lines().findFirst().orElse("");
        int source = line.indexOf("[Source");
        String reason = source < 0 ? line : line.substring(0, line.lastIndexOf(" (", source));
        // Jackson knows no place for what is beyond its bounds: depth, digits, the length of a name.
        TokenStreamLocation at = e.getLocation();
        return at == null ? reason + "." : reason + " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ").";
    }
}

package io.deepgate.api;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An error as OpenAI's clients read it.
 *
 * @param headers further headers of the answer, such as {@code retry-after}
 * @param verbatim the upstream's own envelope, which goes out instead of ours; null for ours
 */
public record ApiError(
        int status,
        String type,
        @Nullable String code,
        @Nullable String param,
        String message,
        Map<String, String> headers,
        @Nullable String verbatim) {

    private static final JsonFactory JSON = new JsonFactory();

    /** The body of an answer with this error. */
    public byte[] body() {
        return verbatim != null ? verbatim.getBytes(StandardCharsets.UTF_8) : envelope();
    }

    /** {@code {"error":{"message","type","param","code"}}}. */
    private byte[] envelope() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("error").writeStartObject();
            json.writeStringProperty("message", message);
            json.writeStringProperty("type", type);
            json.writeStringProperty("param", param);
            json.writeStringProperty("code", code);
            json.writeEndObject();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /** The envelope as the last event of a stream that has begun; no {@code [DONE]} follows it. */
    public byte[] event() {
        String event = "data: " + new String(envelope(), StandardCharsets.UTF_8) + "\n\n";
        return event.getBytes(StandardCharsets.UTF_8);
    }
}

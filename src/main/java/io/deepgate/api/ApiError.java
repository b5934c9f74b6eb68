package io.deepgate.api;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * An error as clients read it.
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

    ApiError withMessage(String message) {
        return new ApiError(status, type, code, param, message, headers, verbatim);
    }

    /** The body of an answer with this error, without whom to ask, which {@link ErrorWriter} adds. */
    public byte[] body(Envelope envelope) {
        String text = verbatim != null ? verbatim : json(envelope);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The last event of a stream that has begun; nothing says after it that the stream is complete. */
    byte[] event(Dialect dialect) {
        String data = "data: " + json(dialect.envelope()) + "\n\n";
        return (dialect.namesEvents() ? "event: error\n" + data : data).getBytes(StandardCharsets.UTF_8);
    }

    private String json(Envelope envelope) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            if (envelope == Envelope.ANTHROPIC) {
                json.writeStringProperty("type", "error");
            }
            json.writeName("error").writeStartObject();
            json.writeStringProperty("message", message);
            json.writeStringProperty("type", envelope == Envelope.ANTHROPIC ? anthropicType() : type);
            json.writeStringProperty("param", param);
            json.writeStringProperty("code", code);
            json.writeEndObject();
            json.writeEndObject();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Source: Anthropic's API reference, "Errors". */
    private String anthropicType() {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }
}

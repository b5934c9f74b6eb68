package io.deepgate.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ApiErrorTests {

    private static final String NASTY = "Line 1\nline 2\r\n\"quoted\" \\ \t \u0001 é 🚀 </script> data: [DONE]\n\n";

    @Test
    void writesTheEnvelopeThatClientsRead() {
        assertThat(text(error("invalid_value", "model", "No.").body(Envelope.OPENAI)))
                .isEqualTo("{\"error\":{\"message\":\"No.\",\"type\":\"invalid_request_error\","
                        + "\"param\":\"model\",\"code\":\"invalid_value\"}}");
    }

    @Test
    void writesNullForWhatIsNotKnown() {
        JsonNode error = JsonMapper.shared()
                .readTree(error(null, null, "No.").body(Envelope.OPENAI))
                .get("error");

        assertThat(error.get("param").isNull()).isTrue();
        assertThat(error.get("code").isNull()).isTrue();
    }

    @Test
    void escapesWhatTheMessageHolds() {
        JsonNode tree = JsonMapper.shared().readTree(error("c", "p\"", NASTY).body(Envelope.OPENAI));

        assertThat(tree.at("/error/message").stringValue()).isEqualTo(NASTY);
        assertThat(tree.at("/error/param").stringValue()).isEqualTo("p\"");
    }

    @Test
    void isOneEventOfAStream() {
        String event = text(error("c", null, NASTY).event(Dialect.CHAT));

        assertThat(event).startsWith("data: {\"error\":{").endsWith("}}\n\n");
        assertThat(event.strip().lines()).hasSize(1);
        JsonNode tree = JsonMapper.shared().readTree(event.substring("data: ".length()));
        assertThat(tree.at("/error/message").stringValue()).isEqualTo(NASTY);
    }

    @Test
    void passesTheUpstreamsEnvelopeOn() {
        var error = new ApiError(400, "t", "c", null, "ours", Map.of(), "{\"error\":{\"message\":\"ihre Größe\"}}");

        assertThat(text(error.body(Envelope.OPENAI))).isEqualTo("{\"error\":{\"message\":\"ihre Größe\"}}");
        assertThat(text(error.event(Dialect.CHAT))).contains("\"message\":\"ours\"");
    }

    @Test
    void isWrittenWithItsStatusAndHeaders() {
        var response = new MockServerHttpResponse();
        var error = new ApiError(429, "requests", "c", null, "Größer", Map.of("retry-after", "7"), null);

        new ErrorWriter(new ApiProperties(DataSize.ofMegabytes(1), Duration.ofSeconds(1), null))
                .write(response, error, Envelope.OPENAI)
                .block();

        assertThat(response.getStatusCode().value()).isEqualTo(429);
        assertThat(response.getHeaders().getFirst("retry-after")).isEqualTo("7");
        assertThat(response.getHeaders().getFirst("content-type")).isEqualTo("application/json");
        assertThat(response.getHeaders().getContentLength()).isEqualTo(error.body(Envelope.OPENAI).length);
        assertThat(response.getHeaders().getFirst("x-request-id")).hasSize(36);
        assertThat(response.getBodyAsString().block()).isEqualTo(text(error.body(Envelope.OPENAI)));
    }

    @Test
    void keepsTheRequestIdThatTheAnswerHas() {
        var response = new MockServerHttpResponse();
        response.getHeaders().set("x-request-id", "known");

        new ErrorWriter(new ApiProperties(DataSize.ofMegabytes(1), Duration.ofSeconds(1), null))
                .write(response, error("c", null, "No."), Envelope.OPENAI)
                .block();

        assertThat(response.getHeaders().get("x-request-id")).containsExactly("known");
    }

    private static ApiError error(String code, String param, String message) {
        return new ApiError(400, "invalid_request_error", code, param, message, Map.of(), null);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}

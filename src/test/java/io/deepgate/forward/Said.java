package io.deepgate.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.RawUpstream;
import io.deepgate.RawUpstream.Connection;

/** What an upstream of a test says to a request. */
enum Said {
    DOCUMENT,
    STREAM,
    STATUS_400("400 Bad Request"),
    STATUS_401("401 Unauthorized"),
    STATUS_402("402 Payment Required"),
    STATUS_403("403 Forbidden"),
    STATUS_404("404 Not Found"),
    STATUS_422("422 Unprocessable Entity"),
    STATUS_429("429 Too Many Requests"),
    STATUS_429_NOW("429 Too Many Requests\r\nretry-after: 0"),
    STATUS_429_LATE("429 Too Many Requests\r\nretry-after: 3"),
    STATUS_500("500 Internal Server Error"),
    STATUS_501("501 Not Implemented"),
    STATUS_502("502 Bad Gateway"),
    STATUS_503("503 Service Unavailable"),
    STATUS_504("504 Gateway Timeout"),
    RESET,
    CLOSE,
    SILENCE,
    HTML,
    GARBAGE,
    COMMENTS_THEN_RESET,
    COMMENTS_THEN_CLOSE,
    BLANKS_THEN_RESET,
    ROLE_THEN_RESET,
    CONTENT_THEN_RESET,
    HALF_A_DOCUMENT_THEN_RESET;

    static final String BODY =
            "{\"choices\":[{\"message\":{\"content\":\"Hello\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";
    static final String COMMENT = ": keep-alive\n\n";
    static final String ROLE = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    static final String EVENTS = ROLE + EVENT + "data: [DONE]\n\n";

    private final String status;

    Said() {
        this("200 OK");
    }

    Said(String status) {
        this.status = status;
    }

    void on(Connection connection) throws Exception {
        switch (this) {
            case RESET -> connection.reset();
            case CLOSE -> {}
            case SILENCE -> connection.awaitClose();
            case DOCUMENT -> whole(connection, "application/json", BODY);
            case STREAM -> whole(connection, "text/event-stream", COMMENT + EVENTS);
            case HTML -> whole(connection, "text/html", "<html>");
            case GARBAGE ->
                whole(connection, streamed(connection) ? "text/event-stream" : "application/json", "data: <");
            case COMMENTS_THEN_RESET ->
                part(connection, "text/event-stream", COMMENT + ": keep-").reset();
            case COMMENTS_THEN_CLOSE ->
                part(connection, "text/event-stream", COMMENT).lastChunk();
            case BLANKS_THEN_RESET ->
                part(connection, "application/json", "\n\n").reset();
            case ROLE_THEN_RESET -> part(connection, "text/event-stream", ROLE).reset();
            case CONTENT_THEN_RESET ->
                part(connection, "text/event-stream", EVENT).reset();
            case HALF_A_DOCUMENT_THEN_RESET ->
                part(connection, "application/json", BODY.substring(0, 20)).reset();
            default -> whole(connection, "application/json", "{\"error\":{\"message\":\"No\"}}");
        }
    }

    private void whole(Connection connection, String type, String body) throws Exception {
        connection.write("HTTP/1.1 " + status + "\r\ncontent-type: " + type + "\r\nx-ds-trace-id: " + name()
                + "\r\nconnection: close\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
    }

    private static Connection part(Connection connection, String type, String text) throws Exception {
        connection.beginChunked(type);
        connection.chunk(text);
        return connection;
    }

    static boolean streamed(Connection connection) {
        return new String(connection.body(), UTF_8).contains("\"stream\":true");
    }

    /** From now on, {@code upstream} says these one after the other, a request each, and the last one ever after. */
    static void byTurns(RawUpstream upstream, Said... said) {
        int before = upstream.requests();
        assertThat(said).isNotEmpty();
        upstream.does(connection -> {
            connection.readRequest();
            int turn = Math.min(upstream.requests() - before, said.length) - 1;
            said[turn].on(connection);
        });
    }
}

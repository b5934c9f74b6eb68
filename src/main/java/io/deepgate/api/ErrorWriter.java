package io.deepgate.api;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/** Tells callers of errors, and whom to ask where they may need help. */
public final class ErrorWriter {

    private static final Set<Integer> ASKED_ABOUT = Set.of(401, 404, 429);
    private static final int SERVER_ERROR = 500;

    private final @Nullable String contact;

    ErrorWriter(ApiProperties properties) {
        contact = properties.contact();
    }

    /** Writes {@code error}, where nothing of an answer has been sent yet, and completes when it is sent. */
    public Mono<Void> write(ServerHttpResponse response, ApiError error, Envelope envelope) {
        HttpHeaders headers = response.getHeaders();
        byte[] body = body(error, envelope);
        response.setStatusCode(HttpStatusCode.valueOf(error.status()));
        headers.set(HttpHeaders.CONTENT_TYPE, "application/json");
        headers.setContentLength(body.length);
        if (!headers.containsHeader(RequestId.HEADER)) {
            RequestId.write(RequestId.next(), headers, envelope);
        }
        error.headers().forEach(headers::set);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }

    /** The body of an answer with {@code error}. */
    public byte[] body(ApiError error, Envelope envelope) {
        return asking(error).body(envelope);
    }

    /** The last event of a stream that has begun; nothing says after it that the stream is complete. */
    public byte[] event(ApiError error, Dialect dialect) {
        return asking(error).event(dialect);
    }

    private ApiError asking(ApiError error) {
        boolean asked = error.status() >= SERVER_ERROR || ASKED_ABOUT.contains(error.status());
        return contact == null || !asked || error.verbatim() != null
                ? error
                : error.withMessage(error.message() + " If you need help, ask " + contact + ".");
    }
}

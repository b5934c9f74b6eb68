package io.deepgate.api;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/** Answers with an error, where nothing of an answer has been sent yet; says whom to ask where the caller may need help. */
public final class ErrorWriter {

    private static final Set<Integer> ASKED_ABOUT = Set.of(401, 404, 429, 503);

    private final @Nullable String contact;

    ErrorWriter(ApiProperties properties) {
        contact = properties.contact();
    }

    /** Writes {@code error} and completes when it is sent. */
    public Mono<Void> write(ServerHttpResponse response, ApiError error, Envelope envelope) {
        HttpHeaders headers = response.getHeaders();
        byte[] body = asking(error).body(envelope);
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

    private ApiError asking(ApiError error) {
        return contact == null || !ASKED_ABOUT.contains(error.status()) || error.verbatim() != null
                ? error
                : error.withMessage(error.message() + " If you need help, ask " + contact + ".");
    }
}

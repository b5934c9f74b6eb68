package io.deepgate.api;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Mono;

/** Answers with an error, where nothing of an answer has been sent yet. */
public final class ErrorWriter {

    private ErrorWriter() {}

    /** Writes {@code error} and completes when it is sent. */
    public static Mono<Void> write(ServerHttpResponse response, ApiError error, Envelope envelope) {
        HttpHeaders headers = response.getHeaders();
        byte[] body = error.body(envelope);
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
}

package io.deepgate.watch;

import io.deepgate.api.ApiError;
import io.deepgate.api.Envelope;
import io.deepgate.api.InvalidRequestException;
import io.deepgate.usage.UsageUnavailableException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** {@code GET /usage} on the management port. */
final class UsagePage {

    static final String INVALID = "invalid_request_error";

    private UsagePage() {}

    static RouterFunction<ServerResponse> route(UsageApi usage) {
        return RouterFunctions.route()
                .GET("/usage", request -> usage(usage, request))
                .build();
    }

    private static Mono<ServerResponse> usage(UsageApi usage, ServerRequest request) {
        return orError(usage.ofAll(request.exchange().getRequest())
                .flatMap(document ->
                        ServerResponse.ok().contentType(document.type()).bodyValue(document.text())));
    }

    /** {@code answer}, or what is wrong with the question, or that the ledger does not answer. */
    static Mono<ServerResponse> orError(Mono<ServerResponse> answer) {
        return answer.onErrorResume(
                        InvalidRequestException.class, e -> error(400, INVALID, e.code(), e.param(), e.getMessage()))
                .onErrorResume(
                        UsageUnavailableException.class,
                        e -> error(503, "server_error", "usage_unavailable", null, e.getMessage()));
    }

    static Mono<ServerResponse> error(
            int status, String type, String code, @Nullable String param, @Nullable String message) {
        var error = new ApiError(status, type, code, param, String.valueOf(message), Map.of(), null);
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(error.body(Envelope.OPENAI));
    }
}

package io.deepgate.sandbox;

import java.util.concurrent.ThreadLocalRandom;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.JsonNode;

/** Answers of one piece, and the headers that DeepSeek's front puts on all of them. */
final class Replies {

    private Replies() {}

    static void mark(HttpServerResponse response) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        response.header("x-ds-trace-id", String.format("%016x%016x", random.nextLong(), random.nextLong()))
                .header("server", "openresty")
                .header("vary", "origin, access-control-request-method, access-control-request-headers")
                .header("set-cookie", "HWWAFSESID=sandbox; path=/")
                .header("x-content-type-options", "nosniff");
    }

    static Mono<Void> reply(HttpServerResponse response, int status, JsonNode body) {
        return response.status(status)
                .header("content-type", "application/json")
                .sendString(Mono.just(body.toString()))
                .then();
    }

    static Mono<Void> refuse(HttpServerResponse response, Format format, Refusal refusal) {
        return reply(response, refusal.status(), format.refusal(refusal));
    }

    static Mono<Void> notFound(HttpServerResponse response) {
        return reply(response, 404, Json.object().put("error_msg", "Not Found. Please check the configuration."));
    }
}

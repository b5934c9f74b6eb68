package io.deepgate.sandbox;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.JsonNode;

/** Serves one call that asks for generation, and sees when its client leaves. */
final class Generation {

    private final SandboxProperties properties;
    private final Tally tally;
    private final PrefixCache cache = new PrefixCache();

    Generation(SandboxProperties properties, Tally tally) {
        this.properties = properties;
        this.tally = tally;
    }

    Mono<Void> serve(
            HttpServerRequest request, HttpServerResponse response, Format format, Function<JsonNode, Ask> reader) {
        return request.receive()
                .aggregate()
                .asString(StandardCharsets.UTF_8)
                .defaultIfEmpty("")
                .flatMap(body -> {
                    Tally.Call call = tally.begin(body, request.requestHeaders());
                    return Mono.defer(() -> {
                                format.key(request.requestHeaders()).checkBalance();
                                Ask ask = reader.apply(Json.read(body));
                                return answer(ask.by(Manner.of(ask.model()), properties), response, format, call);
                            })
                            .onErrorResume(Refusal.class, refusal -> Replies.refuse(response, format, refusal))
                            .doOnSuccess(done -> call.end())
                            .doOnError(failed -> call.abort())
                            .doOnCancel(call::abort);
                });
    }

    private Mono<Void> answer(Ask ask, HttpServerResponse response, Format format, Tally.Call call) {
        Directives directives = ask.directives();
        if (directives.has(Directive.STATUS)) {
            throw Refusal.of(directives.number(Directive.STATUS, 500));
        }
        if (directives.has(Directive.STALL)) {
            return Mono.never();
        }
        if (directives.has(Directive.RESET)) {
            return reset(response, call);
        }
        if (directives.has(Directive.GARBAGE)) {
            return response.header("content-type", "text/html")
                    .sendString(Mono.just(Script.HTML))
                    .then();
        }
        Script script = Script.of(Answer.to(ask, cache), format, properties);
        // Reactor Netty completes a send whose connection has gone; only the body itself is told, by cancelling it.
        Flux<ByteBuf> bytes = script.body().doOnCancel(call::abort).map(Generation::bytes);
        Mono<Void> body = response.header(
                        "content-type", ask.stream() ? "text/event-stream; charset=utf-8" : "application/json")
                .header("cache-control", "no-cache")
                .sendHeaders()
                .send(bytes, written -> true)
                .then();
        return switch (script.end()) {
            case COMPLETE -> body;
            case SILENCE -> body.then(Mono.never());
            case RESET -> body.then(Mono.delay(script.interval())).then(reset(response, call));
        };
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Lingering for zero seconds makes a close a TCP reset. */
    private static Mono<Void> reset(HttpServerResponse response, Tally.Call call) {
        return Mono.defer(() -> {
            call.end();
            response.withConnection(connection -> {
                connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
                var _ = connection.channel().close();
            });
            return Mono.never();
        });
    }
}

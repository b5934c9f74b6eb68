package io.deepgate;

import io.deepgate.access.Caller;
import io.deepgate.access.Tenant;
import io.deepgate.admission.DrainingException;
import io.deepgate.admission.Limiter;
import io.deepgate.admission.OpenCalls;
import io.deepgate.admission.OpenCalls.Place;
import io.deepgate.admission.RateLimits;
import io.deepgate.admission.Reservation;
import io.deepgate.api.Dialect;
import io.deepgate.api.Endpoint;
import io.deepgate.api.ErrorWriter;
import io.deepgate.api.RequestBody;
import io.deepgate.api.RequestId;
import io.deepgate.api.RequestReader;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Rewrite;
import io.deepgate.catalog.Route;
import io.deepgate.forward.Answer;
import io.deepgate.forward.Attempts;
import io.deepgate.forward.Forwarder;
import io.deepgate.forward.Outgoing;
import io.deepgate.relay.DocumentRelay;
import io.deepgate.relay.StreamRelay;
import io.deepgate.relay.StreamRelay.Hidden;
import io.deepgate.shadow.Sampled;
import io.deepgate.shadow.Shadows;
import io.deepgate.usage.CallTraces;
import io.deepgate.usage.UsageRecorder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Carries one call through the packages, in the order of their names. */
final class GatewayHandler {

    private final OpenCalls openCalls;
    private final Limiter limiter;
    private final RequestReader reader;
    private final LiveCatalog catalog;
    private final Rewrite rewrite;
    private final Forwarder forwarder;
    private final Shadows shadows;
    private final UsageRecorder recorder;
    private final CallTraces traces;
    private final ErrorWriter errors;

    GatewayHandler(
            OpenCalls openCalls,
            Limiter limiter,
            RequestReader reader,
            LiveCatalog catalog,
            Rewrite rewrite,
            Forwarder forwarder,
            Shadows shadows,
            UsageRecorder recorder,
            CallTraces traces,
            ErrorWriter errors) {
        this.openCalls = openCalls;
        this.limiter = limiter;
        this.reader = reader;
        this.catalog = catalog;
        this.rewrite = rewrite;
        this.forwarder = forwarder;
        this.shadows = shadows;
        this.recorder = recorder;
        this.traces = traces;
        this.errors = errors;
    }

    /** The whole exchange lies between the call's opening and its end, the writing of the answer as well. */
    Mono<Void> handle(ServerWebExchange exchange, Caller caller, Endpoint endpoint) {
        return Mono.using(
                () -> opened(exchange.getRequest().getHeaders(), caller, endpoint),
                call -> serve(call, exchange),
                Call::end);
    }

    private Call opened(HttpHeaders headers, Caller caller, Endpoint endpoint) {
        return new Call(caller, endpoint, catalog.current(), recorder, traces.begin(headers, endpoint));
    }

    private Mono<Void> serve(Call call, ServerWebExchange exchange) {
        ServerHttpRequest request = exchange.getRequest();
        ServerHttpResponse response = exchange.getResponse();
        RequestId.write(call.requestId(), response.getHeaders(), call.envelope());
        return Mono.defer(() -> {
                    Place place = call.opened(openCalls.open(failure -> cut(call, failure, request)));
                    recorder.requireRoom();
                    Reservation reservation = call.admitted(limiter.open(call.tenant()));
                    return reader.read(request, place::hold)
                            .flatMap(body -> carry(call, place, reservation, body, request, response));
                })
                .takeUntilOther(call.isCut())
                .onErrorResume(failure -> tell(call, failure, request, response));
    }

    private Mono<Void> carry(
            Call call,
            Place place,
            Reservation reservation,
            RequestBody body,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        long promptTokens = call.read(body);
        return reservation
                .claim(promptTokens, body.maxTokens(), RequestReader.loopOf(request))
                .then(Mono.defer(() -> forward(call, place, reservation, body, request, response)));
    }

    private Mono<Void> forward(
            Call call,
            Place place,
            Reservation reservation,
            RequestBody body,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        List<Route> routes = call.routed(call.catalog().routes(call.tenant(), body, request.getHeaders()));
        Sampled sampled =
                call.sampled(shadows.sample(call.catalog(), call.tenant(), routes.getFirst(), body, call.endpoint()));
        Outgoing outgoing = new Outgoing(
                call.tenant(),
                routes,
                call.endpoint(),
                request.getHeaders(),
                body.bytes(),
                place::letGo,
                route -> rewrite.of(body, route, call.tenant(), call.endpoint().dialect()),
                response,
                body.stream(),
                RequestReader.loopOf(request),
                call.trace().context());
        Attempts attempts = call.forwarded(forwarder.forward(outgoing));
        limits(reservation.rateLimits(), response);
        Flux<ByteBuf> answer = attempts.relayed(attempt -> relay(call, call.answeredBy(attempt), body));
        Flux<ByteBuf> ended =
                body.stream() ? answer.onErrorResume(failure -> lastEvent(call, failure, response)) : answer;
        Flux<ByteBuf> heard = sampled == null ? ended : ended.doOnNext(sampled::hear);
        Flux<DataBuffer> pieces = heard.doOnSubscribe(call::relays)
                .doOnComplete(call::completed)
                .map(((NettyDataBufferFactory) response.bufferFactory())::wrap);
        return body.stream() ? response.writeWith(pieces) : document(call, pieces, response);
    }

    /** A document that came in one piece goes out in one, with its length, which is one write instead of two. */
    private static Mono<Void> document(Call call, Flux<DataBuffer> pieces, ServerHttpResponse response) {
        return pieces.switchOnFirst(
                        (first, all) -> response.writeWith(call.meter().isWhole() ? all.last() : all))
                .then();
    }

    private static Flux<ByteBuf> relay(Call call, Answer answer, RequestBody body) {
        if (!body.stream()) {
            return new DocumentRelay(answer, call.meter()).bytes();
        }
        Dialect dialect = call.endpoint().dialect();
        Hidden hidden = new Hidden(call.tenant().stripComments(), !dialect.namesEvents() && !body.includeUsage());
        return new StreamRelay(answer, call.meter(), hidden).bytes();
    }

    /**
     * In a stream that has begun, an event says what happened; nothing behind it says that the stream is complete. Where the
     * client has half of an event, the end of its connection says it.
     */
    private Flux<ByteBuf> lastEvent(Call call, Throwable failure, ServerHttpResponse response) {
        return response.isCommitted() && !call.meter().torn()
                ? Flux.just(Unpooled.wrappedBuffer(
                        errors.event(call.brokeOff(failure), call.endpoint().dialect())))
                : Flux.error(failure);
    }

    /** Cuts the call off on its connection's own event loop: elsewhere it could race with the body and lose its buffer. */
    private static void cut(Call call, DrainingException failure, ServerHttpRequest request) {
        HttpServerRequest connection = ServerHttpRequestDecorator.getNativeRequest(request);
        connection.withConnection(c -> {
            if (c.channel().isRegistered()) {
                c.channel().eventLoop().execute(() -> call.cut(failure));
            } else {
                call.cut(failure);
            }
        });
    }

    /** Tells the client of a failure; where its answer has begun already, cutting it off is all that tells. */
    private Mono<Void> tell(Call call, Throwable failure, ServerHttpRequest request, ServerHttpResponse response) {
        if (clientLeft(failure)) {
            return Mono.empty();
        }
        HttpServerResponse connection = ServerHttpResponseDecorator.getNativeResponse(response);
        if (response.isCommitted()) {
            call.brokeOff(failure);
            connection.withConnection(c -> c.channel().close());
            return Mono.empty();
        }
        if (connection.hasSentHeaders()) {
            // The server answers by itself what is no HTTP.
            call.failed(failure);
            return Mono.empty();
        }
        limits(call.tenant(), response);
        Mono<Void> told = errors.write(response, call.failed(failure), call.envelope());
        return failure instanceof DrainingException draining && !draining.isCut()
                ? reader.skip(request).then(told)
                : told;
    }

    /** Whether it was the client's connection that failed; failures of the upstream's have a type of ours. */
    private static boolean clientLeft(Throwable failure) {
        return failure instanceof IOException || failure instanceof AbortedException;
    }

    /** Writes the tenant's limits as they stand now, into an answer that is no call's. */
    void limits(Tenant tenant, ServerHttpResponse response) {
        limits(limiter.rateLimits(tenant), response);
    }

    private static void limits(RateLimits limits, ServerHttpResponse response) {
        limits.forEachHeader(response.getHeaders()::set);
    }
}

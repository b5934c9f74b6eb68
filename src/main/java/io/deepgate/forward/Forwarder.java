package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.deepgate.catalog.Upstream;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URI;
import org.reactivestreams.Publisher;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClientResponse;

/** Sends calls to their upstreams, behind circuit breakers and timers. */
public final class Forwarder {

    private final UpstreamClients clients;
    private final Breakers breakers;
    private final AttemptMeters meters;

    Forwarder(UpstreamClients clients, Breakers breakers, AttemptMeters meters) {
        this.clients = clients;
        this.breakers = breakers;
        this.meters = meters;
    }

    /**
     * @param head the headers of the caller's answer; those of the upstream that may pass are set before the first byte
     * @return what the upstream answers; to be closed when the call is over
     * @throws CircuitOpenException if a breaker is open; the upstream is not called then
     */
    public Answer forward(Outgoing call, HttpHeaders head) {
        Route route = call.route();
        Permit permit = breakers.acquire(call.tenant(), route);
        CallTimer timer = new CallTimer(route.upstream(), System::nanoTime);
        return new Answer(call, permit, meters, timer, send(call, head, timer));
    }

    private Flux<ByteBuf> send(Outgoing call, HttpHeaders head, CallTimer timer) {
        Upstream upstream = call.route().upstream();
        Reuse reuse = new Reuse();
        Flux<ByteBuf> attempt = clients.of(upstream)
                .headers(headers -> HeaderRules.toUpstream(call.headers(), headers, upstream))
                .post()
                .uri(URI.create(upstream.baseUrl() + call.endpoint().path()))
                .send((request, outbound) -> {
                    outbound.withConnection(reuse::sent).withConnection(timer::start);
                    request.header(
                            HttpHeaderNames.CONTENT_LENGTH,
                            Integer.toString(call.body().readableBytes()));
                    return outbound.sendObject(call.body().retainedDuplicate());
                })
                .response((response, bytes) -> {
                    reuse.answered();
                    return answered(call, response, bytes, head, timer);
                });
        return attempt.onErrorResume(reuse::stale, stale -> attempt);
    }

    private static Publisher<ByteBuf> answered(
            Outgoing call, HttpClientResponse response, ByteBufFlux bytes, HttpHeaders head, CallTimer timer) {
        HeaderRules.traceToCaller(response.responseHeaders(), head);
        if (response.status().code() != 200) {
            timer.done();
            return UpstreamErrors.refused(
                    response, bytes, call.route().upstream().key());
        }
        UpstreamUnavailableException wrongType = UpstreamErrors.wrongType(response, call.stream());
        if (wrongType != null) {
            return Mono.error(wrongType);
        }
        HeaderRules.toCaller(response.responseHeaders(), head);
        return bytes.retain();
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.deepgate.catalog.Upstream;
import io.deepgate.catalog.UpstreamKey;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.opentelemetry.api.trace.Tracer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/** Sends calls to their upstreams, behind concurrency limits, circuit breakers and timers. */
public final class Forwarder {

    private final UpstreamClients clients;
    private final Keyring keyring;
    private final Concurrencies concurrencies;
    private final Breakers breakers;
    private final Retries retries;
    private final AttemptMeters meters;
    private final @Nullable Tracer tracer;

    Forwarder(
            UpstreamClients clients,
            Keyring keyring,
            Concurrencies concurrencies,
            Breakers breakers,
            Retries retries,
            AttemptMeters meters,
            @Nullable Tracer tracer) {
        this.clients = clients;
        this.keyring = keyring;
        this.concurrencies = concurrencies;
        this.breakers = breakers;
        this.retries = retries;
        this.meters = meters;
        this.tracer = tracer;
    }

    /**
     * @return the call's attempts; to be closed when it is over
     * @throws io.deepgate.api.InvalidRequestException if it cannot be rewritten; then its body is not taken over
     */
    public Attempts forward(Outgoing call) {
        return new Attempts(call, this, retries);
    }

    /**
     * One attempt at the call's first route, which neither waits for anything nor is made again; to be closed when it is over.
     * Whatever comes of it, the body is taken over.
     *
     * @return null if the route has no place, no key or no working upstream just now
     * @throws io.deepgate.api.InvalidRequestException if the call cannot be rewritten
     */
    public @Nullable SingleAttempt single(Outgoing call) {
        Route route = call.routes().getFirst();
        UpstreamKey key = keyring.usable(route.upstream());
        Slot slot = key == null ? null : concurrencies.of(route).tryAcquire(call.tenant());
        if (key == null || slot == null) {
            call.body().release();
            return null;
        }
        Outbox outbox;
        try {
            outbox = new Outbox(call);
        } catch (RuntimeException e) {
            slot.release();
            call.body().release();
            throw e;
        }
        try {
            return new SingleAttempt(attempt(call, outbox, route, key, slot, System.nanoTime()), outbox);
        } catch (CircuitOpenException e) {
            slot.release();
            outbox.release();
            return null;
        }
    }

    /** Whether all upstreams take all calls at once, so that there is room for what is not urgent. */
    public boolean atEase() {
        return concurrencies.atEase();
    }

    Keyring keyring() {
        return keyring;
    }

    Concurrencies concurrencies() {
        return concurrencies;
    }

    /**
     * @param startedAt when the call began, of {@link System#nanoTime}
     * @throws CircuitOpenException if a breaker is open; the upstream is not called then
     */
    Answer attempt(Outgoing call, Outbox outbox, Route route, UpstreamKey key, Slot slot, long startedAt) {
        Permit permit = breakers.acquire(call.tenant().id(), route);
        retries.budget(route.upstream()).attempted();
        CallTimer timer = new CallTimer(route.upstream(), startedAt, System::nanoTime);
        Passage passage = new Passage(route, key, slot, permit, AttemptTrace.begin(tracer, call, route));
        return new Answer(passage, outbox, meters, keyring, timer, send(call, outbox, passage, timer));
    }

    private Flux<ByteBuf> send(Outgoing call, Outbox outbox, Passage passage, CallTimer timer) {
        Upstream upstream = passage.route().upstream();
        Reuse reuse = new Reuse();
        Function<HttpClient.RequestSender, Flux<ByteBuf>> attempt = client -> client.send((request, outbound) -> {
                    outbound.withConnection(reuse::sent).withConnection(timer::start);
                    HeaderRules.toUpstream(call.headers(), request.requestHeaders(), passage.key());
                    passage.trace().toUpstream(request.requestHeaders());
                    ByteBuf bytes = outbox.bytesFor(passage.route());
                    request.header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(bytes.readableBytes()));
                    return outbound.sendObject(bytes);
                })
                .response((response, bytes) -> {
                    reuse.answered();
                    passage.trace().answered(response.status().code());
                    return answered(call, passage.key(), response, bytes, timer);
                });
        return attempt.apply(clients.post(upstream, call.endpoint(), call.loop()))
                .onErrorResume(
                        reuse::stale,
                        stale -> attempt.apply(clients.postAlone(upstream, call.endpoint(), call.loop())));
    }

    private static Publisher<ByteBuf> answered(
            Outgoing call, UpstreamKey key, HttpClientResponse response, ByteBufFlux bytes, CallTimer timer) {
        ServerHttpResponse caller = call.response();
        // What has gone out with comments of an attempt before stays.
        boolean first = caller != null && !caller.isCommitted();
        if (caller != null && first) {
            HeaderRules.traceToCaller(response.responseHeaders(), caller.getHeaders());
        }
        if (response.status().code() != 200) {
            timer.done();
            return UpstreamErrors.refused(response, bytes, key);
        }
        UpstreamUnavailableException wrongType = UpstreamErrors.wrongType(response, call.stream());
        if (wrongType != null) {
            return Mono.error(wrongType);
        }
        if (caller != null && first) {
            HeaderRules.toCaller(response.responseHeaders(), caller.getHeaders());
        }
        return bytes.retain();
    }
}

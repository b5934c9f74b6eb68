package io.deepgate.forward;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** An upstream that takes so many calls at once, refuses others as DeepSeek does, and measures how well it is used. */
final class CountingUpstream implements AutoCloseable {

    private final LoopResources loops = LoopResources.create("counting-upstream", 1, true);
    private final int allowed;
    private final boolean names;
    private final Duration latency;
    private final DisposableServer server;
    private int inFlight;
    private long requests;
    private long refusals;
    private long since;
    private long measuredAt = System.nanoTime();
    private double used;

    /** @param latency of an answer, on average */
    CountingUpstream(int allowed, Duration latency) {
        this(allowed, latency, true);
    }

    /** @param names whether its refusals say what it takes at once */
    CountingUpstream(int allowed, Duration latency, boolean names) {
        this.allowed = allowed;
        this.names = names;
        this.latency = latency;
        server = HttpServer.create()
                .host("127.0.0.1")
                .runOn(loops)
                .handle(this::answer)
                .bindNow();
    }

    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response) {
        return request.receive().aggregate().then(Mono.defer(() -> {
            if (!begin()) {
                return refuse(response);
            }
            long millis = latency.toMillis();
            Duration wait = Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis * 3 / 2));
            return response.header("content-type", "application/json")
                    .sendString(Mono.delay(wait).thenReturn(Said.BODY))
                    .then()
                    .doFinally(end -> end());
        }));
    }

    private Mono<Void> refuse(HttpServerResponse response) {
        String message = names
                ? "Too many requests. Your current concurrency is " + (allowed + 1)
                        + ", which exceeds your concurrency limit of " + allowed + " based on your remaining balance."
                : "Too many requests.";
        return response.status(429)
                .header("content-type", "application/json")
                .sendString(Mono.just("{\"error\":{\"message\":\"" + message + "\"}}"))
                .then();
    }

    private synchronized boolean begin() {
        measure();
        requests++;
        if (inFlight >= allowed) {
            refusals++;
            return false;
        }
        inFlight++;
        return true;
    }

    private synchronized void end() {
        measure();
        inFlight--;
    }

    private void measure() {
        long now = System.nanoTime();
        used += (double) inFlight * (now - measuredAt);
        measuredAt = now;
    }

    /** Counts from now on. */
    synchronized void reset() {
        measure();
        used = 0;
        requests = 0;
        refusals = 0;
        since = measuredAt;
    }

    synchronized long requests() {
        return requests;
    }

    synchronized long refusals() {
        return refusals;
    }

    /** The share of what it takes at once that was in use. */
    synchronized double used() {
        measure();
        return used / allowed / (measuredAt - since);
    }

    synchronized int inFlight() {
        return inFlight;
    }

    @Override
    public void close() {
        server.disposeNow();
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).subscribe();
    }
}

package io.deepgate.forward;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** An upstream that answers no call before it is told to. */
final class HeldUpstream implements AutoCloseable {

    /** A call that has come. */
    record Held(String body, Sinks.Empty<Void> answer) {

        void isAnswered() {
            answer.tryEmitEmpty();
        }
    }

    private final LoopResources loops = LoopResources.create("held-upstream", 1, true);
    private final BlockingQueue<Held> come = new LinkedBlockingQueue<>();
    private final DisposableServer server = HttpServer.create()
            .host("127.0.0.1")
            .runOn(loops)
            .handle(this::hold)
            .bindNow();

    private Mono<Void> hold(HttpServerRequest request, HttpServerResponse response) {
        return request.receive().aggregate().asString(StandardCharsets.UTF_8).flatMap(body -> {
            Held held = new Held(body, Sinks.empty());
            come.add(held);
            return response.header("content-type", "application/json")
                    .sendString(held.answer.asMono().thenReturn(Said.BODY))
                    .then();
        });
    }

    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** The next call that comes; waits for it, at most 10 s. */
    Held next() throws InterruptedException {
        Held held = come.poll(10, TimeUnit.SECONDS);
        if (held == null) {
            throw new AssertionError("no call came");
        }
        return held;
    }

    /** Whether no call has come that was not asked for. */
    boolean hasNoOther() {
        return come.isEmpty();
    }

    @Override
    public void close() {
        server.disposeNow();
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).subscribe();
    }
}

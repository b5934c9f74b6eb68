package io.deepgate.sandbox;

import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** A look-alike of DeepSeek in this process, for those who have no key and for those who want to see it fail. */
public final class Sandbox implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";

    private final ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
    private final Tally tally = new Tally();
    // Its own: those that all share end with the gateway, and this would wait for them for ever.
    private final LoopResources loops = LoopResources.create("sandbox", 1, true);
    private final DisposableServer server;

    private Sandbox(SandboxProperties properties) {
        Routes routes = new Routes(new Generation(properties, tally));
        server = HttpServer.create()
                .host(LOOPBACK)
                .port(properties.port())
                .channelGroup(connections)
                .runOn(loops)
                .handle(routes::handle)
                .bindNow();
    }

    /** Listens on 127.0.0.1 until it is closed; fails when the port is taken. */
    public static Sandbox start(SandboxProperties properties) {
        try {
            return new Sandbox(properties);
        } catch (ChannelBindException e) {
            throw new IllegalStateException(
                    "The sandbox cannot listen on %s:%d: %s. Set gateway.sandbox.port to a port that is free."
                            .formatted(LOOPBACK, properties.port(), e.getMessage()),
                    e);
        }
    }

    /** Without a path: append {@code /v1}, {@code /beta} or {@code /anthropic}, or nothing. */
    public URI baseUrl() {
        return URI.create("http://" + LOOPBACK + ":" + server.port());
    }

    /** Connections that are being served a call at this moment. */
    public int openConnections() {
        return tally.inFlight();
    }

    /** Calls that asked for generation, refused ones included. */
    public long requests() {
        return tally.requests();
    }

    /** Calls whose client left before the end of the response. */
    public long aborted() {
        return tally.aborted();
    }

    /** The body of the last call that asked for generation. */
    public @Nullable String lastRequestBody() {
        Tally.Received last = tally.last();
        return last == null ? null : last.body();
    }

    /** The headers of the last call that asked for generation; names compare without case. */
    public Map<String, String> lastRequestHeaders() {
        Tally.Received last = tally.last();
        return last == null ? Map.of() : last.headers();
    }

    /** Cuts the calls in flight and frees the port. */
    @Override
    public void close() {
        connections.close().awaitUninterruptibly();
        server.disposeNow();
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).subscribe();
    }
}

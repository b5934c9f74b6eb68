package io.deepgate.forward;

import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Upstream;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider;

/**
 * One HTTP client with its own connection pool per upstream and event loop, so that a call stays on one thread. An upstream
 * whose connecting changes while the gateway runs gets another; the connections of the one before end with their calls.
 */
final class UpstreamClients implements AutoCloseable {

    /**
     * Bytes in the kernel of an answer that its client does not read; it doubles this for its own needs. Left to itself it
     * grows to megabytes for each.
     */
    private static final int RECEIVE_BUFFER = 32 * 1024;

    /** Bytes of an answer that are read at once, and lie here until its client has taken those before: at most 16 KB. */
    private static final RecvByteBufAllocator READ = new AdaptiveRecvByteBufAllocator(64, 2048, 16 * 1024);

    private record Connecting(
            String name,
            boolean tls,
            Duration timeout,
            boolean pooled,
            @Nullable EventLoop loop) {}

    private record Target(Connecting connecting, URI baseUrl, Endpoint endpoint) {}

    private final Map<Target, HttpClient.RequestSender> targets = new ConcurrentHashMap<>();
    private final Map<Connecting, HttpClient> clients = new ConcurrentHashMap<>();
    private final Map<Connecting, ConnectionProvider> pools = new ConcurrentHashMap<>();
    private final ForwardProperties properties;

    UpstreamClients(ForwardProperties properties) {
        this.properties = properties;
    }

    /** What posts to {@code endpoint} on {@code loop}; made once, since a client is copied with each thing it is told. */
    HttpClient.RequestSender post(Upstream upstream, Endpoint endpoint, EventLoop loop) {
        return post(connecting(upstream, true, loop), upstream, endpoint);
    }

    /** The same on a connection of its own, which no other call has used or will. */
    HttpClient.RequestSender postAlone(Upstream upstream, Endpoint endpoint, EventLoop loop) {
        return post(connecting(upstream, false, loop), upstream, endpoint);
    }

    private HttpClient.RequestSender post(Connecting connecting, Upstream upstream, Endpoint endpoint) {
        return targets.computeIfAbsent(new Target(connecting, upstream.baseUrl(), endpoint), this::target);
    }

    private HttpClient.RequestSender target(Target target) {
        return of(target.connecting).post().uri(URI.create(target.baseUrl + target.endpoint.path()));
    }

    /** What asks {@code upstream} for anything else, on any thread. */
    HttpClient of(Upstream upstream) {
        return of(connecting(upstream, true, null));
    }

    private HttpClient of(Connecting connecting) {
        return clients.computeIfAbsent(connecting, this::client);
    }

    private static Connecting connecting(Upstream upstream, boolean pooled, @Nullable EventLoop loop) {
        boolean tls = "https".equals(upstream.baseUrl().getScheme());
        return new Connecting(upstream.name(), tls, upstream.connectTimeout(), pooled, loop);
    }

    private ConnectionProvider pool(Connecting connecting) {
        return ConnectionProvider.builder(connecting.name)
                .maxConnections(properties.maxConnections())
                .maxIdleTime(properties.maxIdle())
                .evictInBackground(properties.maxIdle())
                .pendingAcquireTimeout(connecting.timeout)
                .lifo()
                .build();
    }

    private HttpClient client(Connecting connecting) {
        ConnectionProvider connections =
                connecting.pooled ? pools.computeIfAbsent(connecting, this::pool) : ConnectionProvider.newConnection();
        int connectMillis = Math.toIntExact(connecting.timeout.toMillis());
        HttpClient client = HttpClient.create(connections)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis)
                .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
                .option(ChannelOption.RECVBUF_ALLOCATOR, READ)
                .followRedirect(false);
        if (connecting.loop != null) {
            client = client.runOn(connecting.loop);
        }
        SslProvider.GenericSslContextSpec<?> http11 = Http11SslContextSpec.forClient();
        return connecting.tls
                ? client.secure(tls -> tls.sslContext(http11).handshakeTimeout(connecting.timeout))
                : client;
    }

    @Override
    public void close() {
        pools.values().forEach(ConnectionProvider::dispose);
    }
}

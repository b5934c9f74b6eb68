package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.netty.channel.ChannelOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.tcp.SslProvider;

/** One HTTP client with its own connection pool per upstream. */
final class UpstreamClients implements AutoCloseable {

    /**
     * Bytes in the kernel of an answer that its client does not read; it doubles this for its own needs. Left to itself it
     * grows to megabytes for each.
     */
    private static final int RECEIVE_BUFFER = 32 * 1024;

    private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();
    private final Map<String, ConnectionProvider> pools = new ConcurrentHashMap<>();
    private final ForwardProperties properties;

    UpstreamClients(ForwardProperties properties) {
        this.properties = properties;
    }

    HttpClient of(Upstream upstream) {
        return clients.computeIfAbsent(upstream.name(), name -> client(upstream));
    }

    private HttpClient client(Upstream upstream) {
        ConnectionProvider pool = pools.computeIfAbsent(
                upstream.name(),
                name -> ConnectionProvider.builder(name)
                        .maxConnections(properties.maxConnections())
                        .maxIdleTime(properties.maxIdle())
                        .evictInBackground(properties.maxIdle())
                        .pendingAcquireTimeout(upstream.connectTimeout())
                        .lifo()
                        .build());
        int connectMillis = Math.toIntExact(upstream.connectTimeout().toMillis());
        HttpClient client = HttpClient.create(pool)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis)
                .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
                .followRedirect(false);
        SslProvider.GenericSslContextSpec<?> http11 = Http11SslContextSpec.forClient();
        return "https".equals(upstream.baseUrl().getScheme())
                ? client.secure(tls -> tls.sslContext(http11).handshakeTimeout(upstream.connectTimeout()))
                : client;
    }

    @Override
    public void close() {
        pools.values().forEach(ConnectionProvider::dispose);
    }
}

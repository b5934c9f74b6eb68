package io.deepgate.admission;

import io.deepgate.admission.AdmissionProperties.Redis.Unavailable;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import reactor.netty.resources.LoopResources;

/** A replica's limiter in Redis, wired as the application wires it. */
final class RedisForm implements AutoCloseable {

    private static final int LOOPS = 2;
    private static final Duration RECONNECT = Duration.ofMillis(200);

    private final LoopResources loops = LoopResources.create("server", LOOPS, true);
    private final ClientResources resources = resources();
    private final AbstractRedisClient client;
    final RedisStore store;
    final Replica replica;
    final RedisState state;
    final RedisLimiter limiter;

    RedisForm(int port, Duration lease, Unavailable policy, Clocks clocks, MeterRegistry registry) {
        this(port, false, lease, policy, clocks, registry);
    }

    /** @param cluster whether it is a node of a Redis Cluster */
    RedisForm(int port, boolean cluster, Duration lease, Unavailable policy, Clocks clocks, MeterRegistry registry) {
        RedisURI uri = RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(port)
                .withTimeout(Duration.ofSeconds(1))
                .build();
        client = cluster ? clusterClient(uri) : client(uri);
        var properties = new AdmissionProperties.Redis(Duration.ofMillis(50), lease, policy);
        store = new RedisStore(() -> client, LOOPS);
        RedisCalls calls = new RedisCalls(store, lease.toMillis());
        state = new RedisState(policy, registry);
        replica = new Replica(store, calls, state, lease.toMillis());
        limiter = new RedisLimiter(
                new TenantLimiters(AdmissionPropertiesTests.claiming(LimiterContract.CLAIM), clocks, registry),
                calls,
                state,
                replica,
                properties);
    }

    private ClientResources resources() {
        ClientResources.Builder resources = ClientResources.builder();
        RedisConfiguration.configure(resources, RECONNECT, loops);
        return resources.build();
    }

    /** One of the threads on which calls are served. */
    EventLoop loop() {
        return (EventLoop) loops.onServer(true).next();
    }

    private AbstractRedisClient client(RedisURI uri) {
        RedisClient one = RedisClient.create(resources, uri);
        ClientOptions.Builder options = ClientOptions.builder();
        RedisConfiguration.configure(options);
        one.setOptions(options.build());
        return one;
    }

    private AbstractRedisClient clusterClient(RedisURI uri) {
        RedisClusterClient all = RedisClusterClient.create(resources, uri);
        ClusterClientOptions.Builder options = ClusterClientOptions.builder();
        RedisConfiguration.configure(options);
        all.setOptions(options.build());
        return all;
    }

    /** Waits until what was sent is answered. */
    void settled() {
        ask().join();
        for (EventExecutor loop : loops.onServer(true)) {
            loop.submit(this::ask).syncUninterruptibly().getNow().join();
        }
    }

    private CompletableFuture<Object> ask() {
        return store.run(RedisScript.LEASE, ScriptOutputType.INTEGER, new String[] {"deepgate:test"}, "1000");
    }

    @Override
    public void close() {
        replica.close();
        store.close();
        client.shutdown(Duration.ZERO, Duration.ZERO);
        resources.shutdown(0, 0, TimeUnit.SECONDS);
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).block();
    }
}

package io.deepgate.admission;

import io.deepgate.admission.AdmissionProperties.Redis.Unavailable;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** A replica's limiter in Redis, wired as the application wires it. */
final class RedisForm implements AutoCloseable {

    private final ClientResources resources = ClientResources.builder()
            .reconnectDelay(Delay.constant(Duration.ofMillis(200)))
            .build();
    private final RedisClient client;
    final RedisStore store;
    final Replica replica;
    final RedisState state;
    final RedisLimiter limiter;

    RedisForm(int port, Duration lease, Unavailable policy, Clocks clocks, MeterRegistry registry) {
        client = RedisClient.create(
                resources,
                RedisURI.builder()
                        .withHost("127.0.0.1")
                        .withPort(port)
                        .withTimeout(Duration.ofSeconds(1))
                        .build());
        ClientOptions.Builder options = ClientOptions.builder();
        RedisConfiguration.configure(options);
        client.setOptions(options.build());
        var properties = new AdmissionProperties.Redis(Duration.ofMillis(50), lease, policy);
        store = new RedisStore(() -> client);
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

    /** Waits until what was sent is answered. */
    void settled() {
        store.run(RedisScript.LEASE, ScriptOutputType.INTEGER, new String[] {"deepgate:test"}, "1000")
                .join();
    }

    @Override
    public void close() {
        replica.close();
        store.close();
        client.shutdown(Duration.ZERO, Duration.ZERO);
        resources.shutdown(0, 0, java.util.concurrent.TimeUnit.SECONDS);
    }
}

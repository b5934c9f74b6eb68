package io.deepgate.admission;

import io.deepgate.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisLimiterContractTests extends LimiterContract {

    @RegisterExtension
    private static final RedisServer REDIS = new RedisServer();

    private final RedisClient client = RedisClient.create("redis://127.0.0.1:" + REDIS.port());
    private RedisStore store;
    private Replica replica;
    private Limiter limiter;

    @BeforeEach
    void connects() {
        AdmissionProperties.Redis properties = AdmissionPropertiesTests.redis();
        store = new RedisStore(() -> client);
        RedisCalls calls = new RedisCalls(store, properties.lease().toMillis());
        RedisState state = new RedisState(properties.unavailable(), registry);
        replica = new Replica(store, calls, state, properties.lease().toMillis());
        limiter = new RedisLimiter(
                new TenantLimiters(AdmissionPropertiesTests.claiming(CLAIM), clocks, registry),
                calls,
                state,
                replica,
                properties);
    }

    @AfterEach
    void closes() {
        replica.close();
        store.close();
        client.shutdown(Duration.ZERO, Duration.ZERO);
    }

    @Override
    Limiter limiter() {
        return limiter;
    }

    /** Redis's clock is its own: what it wrote down is put back instead. */
    @Override
    void pass(String tenant, Duration time) {
        shift.addAndGet(time.toNanos());
        String key = RedisCalls.keys(tenant)[0];
        RedisCommands<String, String> redis = REDIS.commands();
        for (Map.Entry<String, String> field : redis.hgetall(key).entrySet()) {
            String name = field.getKey();
            long past = name.endsWith("-at") ? time.toNanos() / 1000 : name.startsWith("ends-") ? time.toMillis() : 0;
            if (past > 0) {
                redis.hset(key, name, Long.toString(Long.parseLong(field.getValue()) - past));
            }
        }
    }

    /** What is sent later is answered later. */
    @Override
    void settled() {
        store.run(RedisScript.LEASE, io.lettuce.core.ScriptOutputType.INTEGER, new String[] {"deepgate:test"}, "1000")
                .join();
    }
}

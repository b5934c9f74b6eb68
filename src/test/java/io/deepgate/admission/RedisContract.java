package io.deepgate.admission;

import io.deepgate.RedisServer;
import io.deepgate.admission.AdmissionProperties.Redis.Unavailable;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What holds in Redis, of whatever kind. */
abstract class RedisContract extends LimiterContract {

    private RedisForm form;

    abstract RedisServer redis();

    abstract boolean isCluster();

    @BeforeEach
    void connects() {
        form = new RedisForm(redis().port(), isCluster(), Duration.ofSeconds(15), Unavailable.SHARE, clocks, registry);
    }

    @AfterEach
    void closes() {
        form.close();
    }

    @Override
    Limiter limiter() {
        return form.limiter;
    }

    /** Redis's clock is its own: what it wrote down is put back instead. */
    @Override
    void pass(String tenant, Duration time) {
        shift.addAndGet(time.toNanos());
        String key = RedisCalls.keys(tenant)[0];
        RedisCommands<String, String> redis = redis().commands();
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
        form.settled();
    }
}

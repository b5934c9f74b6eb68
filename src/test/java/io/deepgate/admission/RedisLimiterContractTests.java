package io.deepgate.admission;

import io.deepgate.RedisServer;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisLimiterContractTests extends RedisContract {

    @RegisterExtension
    private static final RedisServer REDIS = new RedisServer();

    @Override
    RedisServer redis() {
        return REDIS;
    }

    @Override
    boolean isCluster() {
        return false;
    }
}

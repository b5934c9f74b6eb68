package io.deepgate.admission;

import io.deepgate.RedisServer;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Redis Cluster of one node: scripts must name all their keys, and a tenant's must be in one slot. */
@EnabledIfEnvironmentVariable(named = "CI", matches = "true", disabledReason = "needs Redis 7 on the path")
class RedisClusterContractTests extends RedisContract {

    @RegisterExtension
    private static final RedisServer REDIS = RedisServer.cluster();

    @Override
    RedisServer redis() {
        return REDIS;
    }

    @Override
    boolean isCluster() {
        return true;
    }
}

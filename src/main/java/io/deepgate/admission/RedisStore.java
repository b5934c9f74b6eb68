package io.deepgate.admission;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts in Redis, all on one connection, so that they take effect in the order in which they are sent. Nothing here
 * waits; what is sent while there is no connection fails at once.
 */
final class RedisStore implements AutoCloseable {

    private final Supplier<AbstractRedisClient> client;
    private volatile @Nullable StatefulConnection<String, String> connection;

    /** @param client asked for each time that a connection is made */
    RedisStore(Supplier<AbstractRedisClient> client) {
        this.client = client;
    }

    /** What the script returns; of a script that Redis has lost, the text is sent after all. */
    <T> CompletableFuture<T> run(RedisScript script, ScriptOutputType type, String[] keys, String... values) {
        StatefulConnection<String, String> connection = this.connection;
        if (connection == null) {
            return CompletableFuture.failedFuture(new IllegalStateException("not connected"));
        }
        RedisClusterAsyncCommands<String, String> commands = commands(connection);
        CompletionStage<T> known = commands.evalsha(script.digest(), type, keys, values);
        return known.toCompletableFuture().exceptionallyCompose(failure -> {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            return cause instanceof RedisNoScriptException
                    ? commands.<T>eval(script.text(), type, keys, values)
                    : CompletableFuture.failedFuture(cause);
        });
    }

    /** Takes an entry out of a sorted set. */
    void remove(String key, String entry) {
        StatefulConnection<String, String> connection = this.connection;
        if (connection != null) {
            commands(connection).zrem(key, entry);
        }
    }

    boolean isConnected() {
        return connection != null;
    }

    /** Makes a new connection in place of the one there is; blocks, and throws if Redis is not there. */
    void connect() {
        StatefulConnection<String, String> old = connection;
        connection = null;
        if (old != null) {
            old.closeAsync();
        }
        StatefulConnection<String, String> made = connected(client.get());
        for (RedisScript script : RedisScript.values()) {
            commands(made).scriptLoad(script.text());
        }
        connection = made;
    }

    private static StatefulConnection<String, String> connected(AbstractRedisClient client) {
        return switch (client) {
            case RedisClusterClient cluster -> cluster.connect(StringCodec.ASCII);
            case RedisClient one -> one.connect(StringCodec.ASCII);
            default -> throw new IllegalStateException(client + " is no client that is known here");
        };
    }

    private static RedisClusterAsyncCommands<String, String> commands(StatefulConnection<String, String> connection) {
        return connection instanceof StatefulRedisClusterConnection<String, String> cluster
                ? cluster.async()
                : ((StatefulRedisConnection<String, String>) connection).async();
    }

    @Override
    public void close() {
        StatefulConnection<String, String> last = connection;
        connection = null;
        if (last != null && last.isOpen()) {
            last.close();
        }
    }
}

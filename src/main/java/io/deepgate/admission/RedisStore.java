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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts in Redis. Each event loop has a connection of its own as far as can be, so that a call is not late because
 * another loop is, and wakes no thread. Nothing here waits; what is sent while there is no connection fails at once.
 */
final class RedisStore implements AutoCloseable {

    private final Supplier<AbstractRedisClient> client;
    private final int loops;
    private final Map<Thread, StatefulConnection<String, String>> byLoop = new ConcurrentHashMap<>();
    private volatile List<StatefulConnection<String, String>> connections = List.of();

    /**
     * @param client asked for each time that connections are made
     * @param loops how many connections are made; one to a Redis Cluster
     */
    RedisStore(Supplier<AbstractRedisClient> client, int loops) {
        this.client = client;
        this.loops = loops;
    }

    /** What the script returns; of a script that Redis has lost, the text is sent after all. */
    <T> CompletableFuture<T> run(RedisScript script, ScriptOutputType type, String[] keys, String... values) {
        StatefulConnection<String, String> connection = connection();
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
        StatefulConnection<String, String> connection = connection();
        if (connection != null) {
            commands(connection).zrem(key, entry);
        }
    }

    boolean isConnected() {
        return !connections.isEmpty();
    }

    private @Nullable StatefulConnection<String, String> connection() {
        StatefulConnection<String, String> own = byLoop.get(Thread.currentThread());
        if (own != null) {
            return own;
        }
        List<StatefulConnection<String, String>> all = connections;
        return all.isEmpty() ? null : all.getFirst();
    }

    /** Makes new connections in place of those there are; blocks, and throws if Redis is not there. */
    void connect() {
        disconnect();
        AbstractRedisClient client = this.client.get();
        List<StatefulConnection<String, String>> made = new ArrayList<>();
        try {
            do {
                made.add(connected(client));
            } while (made.size() < loops && client instanceof RedisClient);
        } catch (RuntimeException e) {
            made.forEach(StatefulConnection::closeAsync);
            throw e;
        }
        for (RedisScript script : RedisScript.values()) {
            commands(made.getFirst()).scriptLoad(script.text());
        }
        connections = List.copyOf(made);
        locate();
    }

    /** Learns which event loop each connection is on, by where its answer comes: a broken one comes back on any. */
    void locate() {
        for (StatefulConnection<String, String> one : connections) {
            commands(one).ping().thenAccept(pong -> {
                if (connections.contains(one)) {
                    byLoop.put(Thread.currentThread(), one);
                }
            });
        }
    }

    private void disconnect() {
        List<StatefulConnection<String, String>> old = connections;
        connections = List.of();
        byLoop.clear();
        old.stream().filter(StatefulConnection::isOpen).forEach(StatefulConnection::closeAsync);
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
        disconnect();
    }
}

package io.deepgate.admission;

import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * This replica as Redis knows it: it renews the leases of its open calls, tells that it lives, sends again what could not
 * be settled, and brings the connection back. One task does all of it, which no call waits for.
 */
final class Replica implements AutoCloseable {

    private static final String REPLICAS = "deepgate:replicas";
    private static final long TICK_MILLIS = 500;
    private static final long PROBE_MILLIS = 1000;
    /** Ticks without an answer after which the connection is made anew: it may lead nowhere. */
    private static final int SILENT_TICKS = 6;

    private static final int RENEWALS_A_LEASE = 3;
    private static final int MOST_UNSETTLED = 10_000;

    private record Unsettled(Supplier<CompletableFuture<?>> settling, long until) {}

    private final String id = Long.toHexString(ThreadLocalRandom.current().nextLong());
    private final AtomicLong calls = new AtomicLong();
    private final Map<String, Set<String>> open = new ConcurrentHashMap<>();
    private final Queue<Unsettled> unsettled = new ConcurrentLinkedQueue<>();
    private final RedisStore store;
    private final RedisCalls redis;
    private final RedisState state;
    private final long leaseNanos;
    private final Scheduler scheduler = Schedulers.newSingle("admission-redis", true);
    private volatile int replicas = 1;
    private volatile boolean closed;
    private long renewedAt;
    private int silent;

    Replica(RedisStore store, RedisCalls redis, RedisState state, long leaseMillis) {
        this.store = store;
        this.redis = redis;
        this.state = state;
        this.leaseNanos = TimeUnit.MILLISECONDS.toNanos(leaseMillis);
        tick();
        scheduler.schedulePeriodically(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A name for a call that no other has. */
    String nextCall() {
        return id + ':' + calls.incrementAndGet();
    }

    /** From now on the call's lease is renewed. */
    void hold(String tenant, String call) {
        open.computeIfAbsent(tenant, t -> ConcurrentHashMap.newKeySet()).add(call);
    }

    /** The call's lease is not renewed any more. */
    void drop(String tenant, String call) {
        Set<String> calls = open.get(tenant);
        if (calls != null) {
            calls.remove(call);
        }
    }

    /** Settles now, and if that fails again, as long as the call's lease may live. */
    void settle(Supplier<CompletableFuture<?>> settling) {
        send(new Unsettled(settling, System.nanoTime() + leaseNanos));
    }

    private void send(Unsettled last) {
        last.settling.get().whenComplete((done, failure) -> {
            if (failure != null && unsettled.size() < MOST_UNSETTLED) {
                unsettled.add(last);
            }
        });
    }

    /** Replicas that lived when Redis was last asked, this one among them; at least 1. */
    int replicas() {
        return replicas;
    }

    private void tick() {
        try {
            if (!store.isConnected()) {
                store.connect();
                renewedAt = 0;
            }
            boolean due = renewedAt == 0 || System.nanoTime() - renewedAt > leaseNanos / RENEWALS_A_LEASE;
            if ((due || !state.isUsable()) && state.mayProbe()) {
                renew();
            }
        } catch (RuntimeException e) {
            if (!closed) {
                state.unreachable(e);
            }
        }
    }

    private void renew() {
        long start = System.nanoTime();
        CompletableFuture<Long> living = redis.keep(REPLICAS, Set.of(id).stream());
        @Nullable Throwable failure = null;
        try {
            replicas = Math.max(1, Math.toIntExact(living.get(PROBE_MILLIS, TimeUnit.MILLISECONDS)));
            silent = 0;
        } catch (Exception e) {
            failure = e.getCause() == null ? e : e.getCause();
        }
        if (closed) {
            return;
        }
        if (failure != null) {
            state.failsFor(System.nanoTime() - start, failure);
            if (++silent >= SILENT_TICKS) {
                silent = 0;
                store.connect();
            }
            return;
        }
        state.works(System.nanoTime() - start);
        renewedAt = start;
        store.locate();
        open.forEach(this::renew);
        for (int left = unsettled.size(); left > 0; left--) {
            Unsettled next = unsettled.poll();
            if (next != null && System.nanoTime() < next.until) {
                send(next);
            }
        }
    }

    private void renew(String tenant, Set<String> calls) {
        String[] renewed = calls.toArray(String[]::new);
        if (renewed.length == 0) {
            return;
        }
        redis.keep(RedisCalls.callsKey(tenant), Set.of(renewed).stream()).thenRun(() -> {
            for (String call : renewed) {
                if (!calls.contains(call)) {
                    // It ended meanwhile, perhaps before it was renewed.
                    redis.release(tenant, call);
                }
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        scheduler.dispose();
    }
}

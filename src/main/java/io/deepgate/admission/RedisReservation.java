package io.deepgate.admission;

import io.deepgate.access.Tenant;
import io.deepgate.admission.LimitExceededException.Limit;
import io.deepgate.admission.RedisCalls.Reply;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A reservation in Redis, or in this process for a call that Redis did not decide in time. It is settled where it was taken;
 * what Redis takes for a call that no longer waits for it is handed over to Redis, or given back.
 */
final class RedisReservation implements Reservation {

    private enum Phase {
        OPEN,
        ASKED,
        IN_REDIS,
        HERE,
        REFUSED,
        ENDED
    }

    private final RedisLimiter limiter;
    private final TenantLimiter local;
    private final Tenant tenant;
    private final String call;
    private Phase phase = Phase.OPEN;
    private @Nullable Claim claim;
    private @Nullable Reply admitted;

    RedisReservation(RedisLimiter limiter, TenantLimiter local, Tenant tenant) {
        this.limiter = limiter;
        this.local = local;
        this.tenant = tenant;
        this.call = limiter.replica().nextCall();
    }

    @Override
    public Mono<Void> claim(long promptByBytes, long maxTokens, ScheduledExecutorService loop) {
        if (!limiter.state().isUsable()) {
            return decidedHere(promptByBytes, maxTokens);
        }
        return Mono.create(sink -> {
            long start = System.nanoTime();
            Claim asked = asked(promptByBytes, maxTokens);
            CompletableFuture<Reply> reply = limiter.redis().admit(tenant, call, asked, local.spent(asked.windows()));
            ScheduledFuture<?> timer = loop.schedule(
                    () -> late(sink, start, promptByBytes, maxTokens), limiter.timeoutNanos(), TimeUnit.NANOSECONDS);
            reply.whenComplete((said, failure) -> loop.execute(() -> {
                timer.cancel(false);
                if (said != null) {
                    answered(sink, asked, said, start);
                } else if (isWaiting()) {
                    limiter.state().failed(System.nanoTime() - start, failure);
                    finish(sink, decidedHere(promptByBytes, maxTokens));
                }
            }));
        });
    }

    private synchronized Claim asked(long promptByBytes, long maxTokens) {
        phase = Phase.ASKED;
        return local.ask(tenant, promptByBytes, maxTokens);
    }

    private synchronized boolean isWaiting() {
        return phase == Phase.ASKED;
    }

    private void late(MonoSink<Void> sink, long start, long promptByBytes, long maxTokens) {
        if (isWaiting()) {
            limiter.state().failed(System.nanoTime() - start, new RedisTimeoutException(limiter.timeoutNanos()));
            finish(sink, decidedHere(promptByBytes, maxTokens));
        }
    }

    private synchronized Mono<Void> decidedHere(long promptByBytes, long maxTokens) {
        phase = Phase.REFUSED;
        try {
            claim = limiter.claimHere(local, tenant, promptByBytes, maxTokens);
            phase = Phase.HERE;
            return Mono.empty();
        } catch (LimitExceededException | LimitsUnknownException e) {
            return Mono.error(e);
        }
    }

    private void answered(MonoSink<Void> sink, Claim asked, Reply said, long start) {
        if (isWaiting()) {
            limiter.state().answered(System.nanoTime() - start);
        }
        finish(sink, decided(asked, said));
    }

    private synchronized Mono<Void> decided(Claim asked, Reply said) {
        local.learn(asked, said.state());
        boolean isAdmitted = said.spent().isEmpty() || tenant.shadow();
        boolean isWaiting = phase == Phase.ASKED;
        if (isWaiting) {
            for (String spent : said.spent()) {
                local.count(tenant, limit(spent));
            }
        }
        if (!isAdmitted) {
            phase = isWaiting ? Phase.REFUSED : phase;
            return isWaiting
                    ? Mono.error(local.refusal(asked, limit(said.spent().getFirst()), said.waitNanos()))
                    : Mono.empty();
        }
        if (phase == Phase.REFUSED || phase == Phase.ENDED) {
            settle(asked, said, null);
            return Mono.empty();
        }
        // Also for a call that was admitted here meanwhile: Redis counts it after all.
        claim = asked;
        admitted = said;
        phase = Phase.IN_REDIS;
        limiter.replica().hold(tenant.id(), call);
        return Mono.empty();
    }

    private static Limit limit(String name) {
        return Limit.valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** Tells the waiting call; one that waits no longer hears nothing. */
    private static void finish(MonoSink<Void> sink, Mono<Void> decision) {
        decision.subscribe(nothing -> {}, sink::error, sink::success);
    }

    @Override
    public synchronized void settle(Used used) {
        switch (phase) {
            case IN_REDIS -> {
                settle(Objects.requireNonNull(claim), Objects.requireNonNull(admitted), used.spent());
                local.close(claim, used);
            }
            case HERE -> local.settle(claim, used);
            case OPEN, ASKED, REFUSED -> local.cancel(null);
            case ENDED -> {}
        }
        phase = Phase.ENDED;
    }

    @Override
    public synchronized void cancel() {
        switch (phase) {
            case IN_REDIS -> {
                settle(Objects.requireNonNull(claim), Objects.requireNonNull(admitted), null);
                local.cancel(null);
            }
            case HERE -> local.cancel(claim);
            case OPEN, ASKED, REFUSED -> local.cancel(null);
            case ENDED -> {}
        }
        phase = Phase.ENDED;
    }

    private void settle(Claim held, Reply said, @Nullable Spent used) {
        limiter.replica().drop(tenant.id(), call);
        limiter.replica()
                .settle(() -> limiter.redis()
                        .settle(tenant.id(), call, held, said, used)
                        .thenAccept(now -> local.learn(held, now.state())));
    }

    @Override
    public RateLimits rateLimits() {
        return local.rateLimits(tenant);
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.deepgate.catalog.UpstreamKey;
import io.deepgate.forward.Retries.Next;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The attempts of one call, one after the other, until more than comments of an answer is to reach the client. What fails
 * before goes on at the next route, each of them once, and where there is none, after a pause, at the one that failed.
 */
public final class Attempts {

    private final Outgoing call;
    private final Forwarder forwarder;
    private final Retries retries;
    private final Outbox outbox;
    private final long startedAt = System.nanoTime();
    private Function<Answer, Flux<ByteBuf>> relay = Answer::body;
    private int nextRoute;
    private int retried;
    private @Nullable Route full;
    private @Nullable Route keyless;
    private @Nullable Route again;
    private @Nullable Throwable failure;
    private @Nullable Slot slot;
    private boolean closed;
    private volatile boolean between = true;
    private volatile long closedAt;
    private volatile int count;
    private volatile @Nullable Answer answer;

    /** @throws io.deepgate.api.InvalidRequestException if the call cannot be rewritten; then its body is not taken over */
    Attempts(Outgoing call, Forwarder forwarder, Retries retries) {
        this.call = call;
        this.forwarder = forwarder;
        this.retries = retries;
        this.outbox = new Outbox(call);
    }

    /**
     * What {@code relay} makes of the answers, one after the other; each but the last has failed before it began. Fails as
     * the last, or with {@link CircuitOpenException} or {@link UpstreamBusyException} if no upstream was called.
     */
    public Flux<ByteBuf> relayed(Function<Answer, Flux<ByteBuf>> relay) {
        this.relay = relay;
        return onwards();
    }

    /** Attempts so far, one that is being made included. */
    public int count() {
        return count;
    }

    /** Nanoseconds for which the call was the upstreams', pauses and queues included. */
    public long nanosUpstream() {
        Answer answer = this.answer;
        if (answer != null && !between) {
            return answer.nanosUpstream();
        }
        return (closedAt == 0 ? System.nanoTime() : closedAt) - startedAt;
    }

    /** The call is over, however it ended. */
    public void close() {
        synchronized (this) {
            if (!closed) {
                closedAt = System.nanoTime();
            }
            closed = true;
            if (slot != null) {
                slot.release();
            }
        }
        Answer answer = this.answer;
        if (answer != null) {
            answer.close();
        }
        outbox.release();
    }

    /** Goes to the first of the routes not looked at yet that takes the call at once. */
    private Flux<ByteBuf> onwards() {
        CircuitOpenException open = null;
        while (nextRoute < call.routes().size()) {
            Route route = call.routes().get(nextRoute++);
            UpstreamKey key = forwarder.keyring().usable(route.upstream());
            if (key == null) {
                keyless = keyless == null ? route : keyless;
                continue;
            }
            Slot free = forwarder.concurrencies().of(route).tryAcquire(call.tenant());
            if (free == null) {
                full = full == null ? route : full;
                continue;
            }
            try {
                return attempt(route, key, free);
            } catch (CircuitOpenException e) {
                open = open == null ? e : open;
            }
        }
        return instead(open);
    }

    /** No route takes the call at once: it waits for one that is full, else goes where no key is taken, else once more. */
    private Flux<ByteBuf> instead(@Nullable CircuitOpenException open) {
        Route waitFor = full != null ? full : failure == null && open == null ? keyless : null;
        if (waitFor != null) {
            full = null;
            return placed(waitFor);
        }
        if (failure == null) {
            return Flux.error(open == null ? new IllegalStateException("no route was tried") : open);
        }
        return again == null ? Flux.error(failure) : again(again, failure);
    }

    private Flux<ByteBuf> again(Route route, Throwable failure) {
        if (retried >= retries.most(call.headers())) {
            return Flux.error(failure);
        }
        Duration pause = retries.pause(failure, retried + 1);
        if (!inTime(route, pause) || !retries.allows(route.upstream(), failure)) {
            return Flux.error(failure);
        }
        retried++;
        again = null;
        return Mono.delay(pause).thenMany(Flux.defer(() -> placed(route)));
    }

    private boolean inTime(Route route, Duration pause) {
        Duration total = route.upstream().totalTimeout();
        return total.isZero() || System.nanoTime() + pause.toNanos() - startedAt < total.toNanos();
    }

    /** Goes to {@code route} as soon as it has a place, with whatever key there is. */
    private Flux<ByteBuf> placed(Route route) {
        Concurrency concurrency = forwarder.concurrencies().of(route);
        Slot free = concurrency.tryAcquire(call.tenant());
        if (free != null) {
            return attemptSomehow(route, free);
        }
        Slot waiting;
        synchronized (this) {
            if (closed) {
                return Flux.empty();
            }
            try {
                waiting = concurrency.queue(call.tenant());
            } catch (UpstreamBusyException e) {
                return refused(e);
            }
            slot = waiting;
        }
        return waiting.turn()
                .flatMapMany(held -> attemptSomehow(route, held))
                .onErrorResume(UpstreamBusyException.class, this::refused);
    }

    private Flux<ByteBuf> attemptSomehow(Route route, Slot held) {
        try {
            return attempt(route, forwarder.keyring().any(route.upstream()), held);
        } catch (CircuitOpenException e) {
            return refused(e);
        }
    }

    /** A refusal of ours says less than what an upstream has said before. */
    private Flux<ByteBuf> refused(RuntimeException refusal) {
        return Flux.error(failure == null ? refusal : failure);
    }

    /** @throws CircuitOpenException if a breaker is open; then {@code held} is given back */
    private synchronized Flux<ByteBuf> attempt(Route route, UpstreamKey key, Slot held) {
        slot = held;
        if (closed) {
            held.release();
            return Flux.empty();
        }
        Answer answer;
        try {
            answer = forwarder.attempt(call, outbox, route, key, held, startedAt);
        } catch (CircuitOpenException e) {
            held.release();
            throw e;
        }
        this.answer = answer;
        between = false;
        count++;
        return relay.apply(answer).onErrorResume(failure -> failed(answer, key, failure));
    }

    private Flux<ByteBuf> failed(Answer answer, UpstreamKey key, Throwable failure) {
        Next next = answer.begun() ? Next.NOTHING : retries.after(failure);
        if (next == Next.NOTHING) {
            return Flux.error(failure);
        }
        this.failure = failure;
        between = true;
        Route route = answer.route();
        if (next == Next.OTHER_KEY) {
            UpstreamKey other = forwarder.keyring().usable(route.upstream());
            if (other != null && !other.equals(key)) {
                return placed(route);
            }
        }
        if (next == Next.RETRY) {
            again = route;
        }
        return onwards();
    }
}

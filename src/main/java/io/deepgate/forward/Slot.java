package io.deepgate.forward;

import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A call's place in the concurrency of an upstream's slug, or in the queue for one, until it is given back, once. */
final class Slot {

    /** What has become of it; only its owner, under its lock, says so. */
    enum State {
        WAITING,
        HELD,
        GONE
    }

    final String tenant;
    private final Concurrency owner;
    private final Sinks.@Nullable One<Slot> turn;
    State state;
    long heldSince;
    int heldBeside;

    @Nullable
    Disposable timer;

    private Slot(Concurrency owner, String tenant, State state, Sinks.@Nullable One<Slot> turn) {
        this.owner = owner;
        this.tenant = tenant;
        this.state = state;
        this.turn = turn;
    }

    static Slot held(Concurrency owner, String tenant) {
        return new Slot(owner, tenant, State.HELD, null);
    }

    static Slot waiting(Concurrency owner, String tenant) {
        return new Slot(owner, tenant, State.WAITING, Sinks.one());
    }

    /** This, as soon as it is held; fails with {@link UpstreamBusyException} when that takes too long. */
    Mono<Slot> turn() {
        return turn == null ? Mono.just(this) : turn.asMono();
    }

    /** Gives the place back, or leaves the queue. */
    void release() {
        owner.release(this);
    }

    /**
     * Gives the place back: the upstream answered 429.
     *
     * @param named the limit that it names, 0 if it names none
     */
    void refused(int named) {
        owner.refused(this, named);
    }

    void tellHeld() {
        if (turn != null) {
            turn.tryEmitValue(this);
        }
    }

    void tellGone(UpstreamBusyException busy) {
        if (turn != null) {
            turn.tryEmitError(busy);
        }
    }
}

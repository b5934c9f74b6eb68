package io.deepgate.forward;

import io.deepgate.access.Tenant;
import io.deepgate.forward.ForwardProperties.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * The calls that an upstream's slug takes at once, and the queue in front of it. Who waits is told on another thread than
 * that of the call which gave its place back.
 */
final class Concurrency {

    private final String slug;
    private final ConcurrencyLimit limit;
    private final Queue bounds;
    private final LongSupplier nanoClock;
    private final Scheduler scheduler;
    private final FairQueue<Slot> queue = new FairQueue<>();
    private int inUse;
    private volatile int most;

    /**
     * @param nanoClock a monotonic clock, nanoseconds
     * @param scheduler where those who wait are told, and their time runs
     */
    Concurrency(String slug, ConcurrencyLimit limit, Queue bounds, LongSupplier nanoClock, Scheduler scheduler) {
        this.slug = slug;
        this.limit = limit;
        this.bounds = bounds;
        this.nanoClock = nanoClock;
        this.scheduler = scheduler;
    }

    /** A slot that is held, or null if none is free. */
    synchronized @Nullable Slot tryAcquire(Tenant tenant) {
        if (inUse >= limit.current()) {
            return null;
        }
        Slot slot = Slot.held(this, tenant.id());
        hold(slot);
        return slot;
    }

    /**
     * A slot that is held when it is the tenant's turn.
     *
     * @throws UpstreamBusyException if too many wait already
     */
    Slot queue(Tenant tenant) {
        Slot slot = Slot.waiting(this, tenant.id());
        Slot pushedOut = null;
        synchronized (this) {
            if (queue.size() >= bounds.length()) {
                pushedOut = queue.pushOut(tenant.id(), tenant.weight());
                if (pushedOut == null) {
                    throw new UpstreamBusyException(slug);
                }
                leave(pushedOut);
            }
            queue.add(tenant.id(), tenant.weight(), slot);
            slot.timer = scheduler.schedule(() -> expire(slot), bounds.timeout().toNanos(), TimeUnit.NANOSECONDS);
            letIn();
        }
        if (pushedOut != null) {
            pushedOut.tellGone(new UpstreamBusyException(slug));
        }
        return slot;
    }

    synchronized void release(Slot slot) {
        if (slot.state == Slot.State.HELD) {
            if (inUse >= limit.current()) {
                limit.reached(nanoClock.getAsLong());
            }
            limit.served(slot.heldSince);
            free(slot);
        } else if (slot.state == Slot.State.WAITING) {
            queue.remove(slot.tenant, slot);
            leave(slot);
        }
    }

    synchronized void refused(Slot slot, int named) {
        if (slot.state == Slot.State.HELD) {
            limit.refused(slot.heldSince, slot.heldBeside, named, nanoClock.getAsLong());
            free(slot);
        }
    }

    private void expire(Slot slot) {
        synchronized (this) {
            if (slot.state != Slot.State.WAITING) {
                return;
            }
            queue.remove(slot.tenant, slot);
            leave(slot);
        }
        slot.tellGone(new UpstreamBusyException(slug));
    }

    private void hold(Slot slot) {
        inUse++;
        slot.state = Slot.State.HELD;
        slot.heldSince = nanoClock.getAsLong();
        slot.heldBeside = inUse;
    }

    private void free(Slot slot) {
        slot.state = Slot.State.GONE;
        inUse--;
        letIn();
    }

    private void letIn() {
        while (inUse < limit.current()) {
            Slot next = queue.next();
            if (next == null) {
                return;
            }
            stopTimer(next);
            hold(next);
            scheduler.schedule(next::tellHeld);
        }
    }

    private static void leave(Slot slot) {
        slot.state = Slot.State.GONE;
        stopTimer(slot);
    }

    private static void stopTimer(Slot slot) {
        if (slot.timer != null) {
            slot.timer.dispose();
        }
    }

    /** Another limit is configured than before, or not. */
    void most(int most) {
        if (most == this.most) {
            return;
        }
        synchronized (this) {
            this.most = most;
            limit.most(most);
            letIn();
        }
    }

    /** Whether nothing waits, and no refusal has lowered the limit. */
    synchronized boolean atEase() {
        return queue.size() == 0 && inUse < limit.current() && limit.current() >= most;
    }

    synchronized int limit() {
        return limit.current();
    }

    synchronized int inUse() {
        return inUse;
    }

    synchronized int queued() {
        return queue.size();
    }
}

package io.deepgate.admission;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** All calls in flight in this process: as many as its capacity allows, and no new ones once it drains. */
public final class OpenCalls {

    private final Capacity capacity;
    private final Shedding shedding;
    private final Set<Place> places = ConcurrentHashMap.newKeySet();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final Counter overloaded;
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean draining;

    OpenCalls(Capacity capacity, Shedding shedding, MeterRegistry registry) {
        this.capacity = capacity;
        this.shedding = shedding;
        overloaded = Counter.builder("gateway.admission.overloaded")
                .description("Calls refused because this process had as much to do as it can bear")
                .register(registry);
        Gauge.builder("gateway.admission.open.calls", calls, AtomicInteger::get)
                .description("Calls in flight in this process")
                .register(registry);
        Gauge.builder("gateway.admission.shed", shedding, late -> late.isRecent() ? 1 : 0)
                .description("1 while calls are refused because event loops come to them late, else 0")
                .register(registry);
        Gauge.builder("gateway.admission.open.bodies", bytes, AtomicLong::get)
                .description("Request bodies held in memory")
                .baseUnit("bytes")
                .register(registry);
    }

    /**
     * Takes a place for one call, which it gives back at its end.
     *
     * @param cut ends the call for the failure it is given; called once the process can wait no longer, from any thread
     *     and perhaps more than once
     * @throws DrainingException if this process is about to end
     * @throws OverloadedException if there is no place
     */
    public Place open(Consumer<DrainingException> cut) {
        if (calls.incrementAndGet() > capacity.calls()) {
            left();
            throw refused();
        }
        Place place = new Place(cut);
        places.add(place);
        // Asked afterwards: whoever drains sees either this call, or that none comes any more.
        if (draining) {
            place.close();
            throw DrainingException.refused();
        }
        return place;
    }

    private void left() {
        if (calls.decrementAndGet() == 0 && draining) {
            drained.countDown();
        }
    }

    private OverloadedException refused() {
        overloaded.increment();
        return new OverloadedException();
    }

    /** Whether the next call is better refused at once, since this process is late; it is counted, and holds no place. */
    public boolean sheds(EventLoop loop) {
        boolean sheds = shedding.refuses(loop) && !draining;
        if (sheds) {
            overloaded.increment();
        }
        return sheds;
    }

    /** Whether this process is well, so that it may do what is not urgent: it sheds nothing and does not end. */
    public boolean atEase() {
        return !draining && !shedding.isRecent();
    }

    /** Calls in flight. */
    public int count() {
        return calls.get();
    }

    /** From now on takes no new call. */
    public void drain() {
        draining = true;
        if (calls.get() == 0) {
            drained.countDown();
        }
    }

    /** Waits until no call is in flight any more, and not longer than {@code most}; for use after {@link #drain}. */
    public void awaitDrained(Duration most) throws InterruptedException {
        drained.await(most.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Tells the calls in flight to end. */
    public void cut() {
        DrainingException failure = DrainingException.cut();
        places.forEach(place -> place.cut.accept(failure));
    }

    /** One call's place. */
    public final class Place {

        private final Consumer<DrainingException> cut;
        private final AtomicLong held = new AtomicLong();

        private Place(Consumer<DrainingException> cut) {
            this.cut = cut;
        }

        /**
         * Notes that so many more bytes of the call's body are in memory.
         *
         * @throws OverloadedException if all calls' bodies together are too much; these bytes then do not count
         */
        public void hold(int more) {
            if (bytes.addAndGet(more) > capacity.bodyBytes()) {
                bytes.addAndGet(-more);
                throw refused();
            }
            held.addAndGet(more);
        }

        /** The body is no longer in memory. */
        public void letGo() {
            bytes.addAndGet(-held.getAndSet(0));
        }

        /** The call has ended. Further closing does nothing. */
        public void close() {
            if (places.remove(this)) {
                letGo();
                left();
            }
        }
    }
}

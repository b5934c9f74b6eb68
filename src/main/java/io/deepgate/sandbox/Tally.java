package io.deepgate.sandbox;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts the calls that ask for generation, and keeps the last of them. */
final class Tally {

    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong aborted = new AtomicLong();
    private volatile @Nullable Received last;

    Call begin(String body, HttpHeaders headers) {
        Map<String, String> received = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach(header -> received.merge(header.getKey(), header.getValue(), (a, b) -> a + ", " + b));
        last = new Received(body, Collections.unmodifiableMap(received));
        requests.incrementAndGet();
        inFlight.incrementAndGet();
        return new Call();
    }

    int inFlight() {
        return inFlight.get();
    }

    long requests() {
        return requests.get();
    }

    long aborted() {
        return aborted.get();
    }

    @Nullable
    Received last() {
        return last;
    }

    /** A request as it arrived; header names compare without case. */
    record Received(String body, Map<String, String> headers) {}

    /** A call in flight, which ends once: whichever way is first. */
    final class Call {

        private final AtomicBoolean ended = new AtomicBoolean();

        private Call() {}

        void end() {
            if (ended.compareAndSet(false, true)) {
                inFlight.decrementAndGet();
            }
        }

        void abort() {
            if (ended.compareAndSet(false, true)) {
                aborted.incrementAndGet();
                inFlight.decrementAndGet();
            }
        }
    }
}

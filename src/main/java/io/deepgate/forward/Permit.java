package io.deepgate.forward;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Two circuit breakers' leave for one attempt. It is settled once:
 *
 * <table>
 * <caption>What the breakers are told</caption>
 * <tr><td>first content, or a complete answer</td><td>success</td></tr>
 * <tr><td>no connection, reset, 5xx, garbage or a timer before that</td><td>failure; to all tenants' breaker only while
 * this tenant's is closed</td></tr>
 * <tr><td>4xx, or the client left</td><td>nothing</td></tr>
 * </table>
 */
final class Permit {

    private final CircuitBreaker tenant;
    private final CircuitBreaker upstream;
    private final long since = System.nanoTime();
    private final AtomicBoolean settled = new AtomicBoolean();

    Permit(CircuitBreaker tenant, CircuitBreaker upstream) {
        this.tenant = tenant;
        this.upstream = upstream;
    }

    void succeeded() {
        if (settled.compareAndSet(false, true)) {
            long took = System.nanoTime() - since;
            tenant.onSuccess(took, TimeUnit.NANOSECONDS);
            upstream.onSuccess(took, TimeUnit.NANOSECONDS);
        }
    }

    void failed(Throwable failure) {
        if (settled.compareAndSet(false, true)) {
            long took = System.nanoTime() - since;
            // What fails once the tenant's breaker is no longer closed (calls sent before, probes) says nothing of
            // others' calls.
            boolean news = tenant.getState() == CircuitBreaker.State.CLOSED;
            tenant.onError(took, TimeUnit.NANOSECONDS, failure);
            if (news) {
                upstream.onError(took, TimeUnit.NANOSECONDS, failure);
            } else {
                upstream.releasePermission();
            }
        }
    }

    void release() {
        if (settled.compareAndSet(false, true)) {
            tenant.releasePermission();
            upstream.releasePermission();
        }
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.deepgate.forward.AttemptMeters.Result;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * What an upstream answers to one call. Whoever reads the bytes says what they hold: timers and circuit breakers go by
 * content, not by bytes.
 */
public final class Answer {

    private final Route route;
    private final AtomicReference<@Nullable ByteBuf> sent;
    private final Permit permit;
    private final AttemptMeters meters;
    private final CallTimer timer;
    private final Flux<ByteBuf> body;
    private final long startedAt = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean whole;
    private volatile long endedAt;
    private volatile @Nullable RuntimeException cut;

    Answer(Outgoing call, Permit permit, AttemptMeters meters, CallTimer timer, Flux<ByteBuf> bytes) {
        this.route = call.route();
        this.sent = new AtomicReference<>(call.body());
        this.permit = permit;
        this.meters = meters;
        this.timer = timer;
        this.body =
                bytes.onErrorMap(this::translated).doOnComplete(this::completed).doOnError(this::failed);
    }

    /**
     * Calls the upstream when subscribed, once. The buffers are the subscriber's to release. Fails with {@link
     * UpstreamRefusedException}, {@link UpstreamUnavailableException} or {@link UpstreamTimeoutException}.
     */
    public Flux<ByteBuf> body() {
        return body;
    }

    /** Content has arrived: the upstream is well, has read the request, and the idle timer starts again. */
    public void content() {
        release();
        permit.succeeded();
        timer.content();
    }

    /** All of the answer has arrived; the upstream need only close the body, and may do it as it likes. */
    public void done() {
        whole = true;
        permit.succeeded();
        timer.done();
    }

    /** What arrived is no answer, or not a whole one. */
    public void garbled(UpstreamUnavailableException failure) {
        permit.failed(failure);
        end(Result.FAILED);
    }

    /** The call is over, however it ended; before all of the answer has arrived this is the client's leaving. */
    public void close() {
        end(whole ? Result.COMPLETED : Result.CANCELLED);
    }

    /**
     * Ends the answer before it is whole: its body fails with {@code reason}, which is no fault of the upstream's.
     *
     * @return whether there is a connection to the upstream; if there is none, nothing is done
     */
    public boolean cut(RuntimeException reason) {
        cut = reason;
        return timer.cut();
    }

    /** Nanoseconds for which the call was the upstream's. */
    public long nanosUpstream() {
        return (ended.get() ? endedAt : System.nanoTime()) - startedAt;
    }

    private Throwable translated(Throwable failure) {
        RuntimeException reason = cut;
        if (reason != null) {
            return reason;
        }
        UpstreamTimeoutException timeout = timer.fired();
        return timeout != null
                ? timeout
                : UpstreamErrors.translated(failure, route.upstream().connectTimeout());
    }

    /** A clean end is none if the answer is not whole; whoever reads it says so. */
    private void completed() {
        if (whole) {
            end(Result.COMPLETED);
        }
    }

    private void failed(Throwable failure) {
        if (whole) {
            end(Result.COMPLETED);
        } else if (cut != null) {
            end(Result.CANCELLED);
        } else if (failure instanceof UpstreamRefusedException refused) {
            end(Result.ofStatus(refused.status()));
        } else {
            permit.failed(failure);
            end(failure instanceof UpstreamTimeoutException ? Result.TIMED_OUT : Result.FAILED);
        }
    }

    private void end(Result result) {
        if (ended.compareAndSet(false, true)) {
            endedAt = System.nanoTime();
            timer.stop();
            release();
            permit.release();
            meters.count(route, result);
        }
    }

    private void release() {
        ByteBuf bytes = sent.getAndSet(null);
        if (bytes != null) {
            bytes.release();
        }
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.deepgate.forward.AttemptMeters.Result;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * What an upstream answers to one call. Whoever reads the bytes says what they hold: timers and circuit breakers go by
 * content, not by bytes.
 */
public final class Answer {

    private final Passage passage;
    private final Outbox outbox;
    private final AttemptMeters meters;
    private final Keyring keyring;
    private final CallTimer timer;
    private final Flux<ByteBuf> body;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean begun;
    private volatile boolean whole;
    private volatile long endedAt;
    private volatile @Nullable RuntimeException cut;

    Answer(
            Passage passage,
            Outbox outbox,
            AttemptMeters meters,
            Keyring keyring,
            CallTimer timer,
            Flux<ByteBuf> bytes) {
        this.passage = passage;
        this.outbox = outbox;
        this.meters = meters;
        this.keyring = keyring;
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

    /** Whose answer it is. */
    public Route route() {
        return passage.route();
    }

    /** More than comments is to be passed on: what the client has then no other attempt can answer. */
    public void begin() {
        if (!begun) {
            begun = true;
            outbox.release();
        }
    }

    boolean begun() {
        return begun;
    }

    /** Content has arrived: the upstream is well, and the idle timer starts again. */
    public void content() {
        begin();
        passage.permit().succeeded();
        timer.content();
    }

    /** All of the answer has arrived; the upstream need only close the body, and may do it as it likes. */
    public void done() {
        whole = true;
        passage.permit().succeeded();
        timer.done();
    }

    /** What arrived is no answer, or not a whole one. */
    public void garbled(UpstreamUnavailableException failure) {
        passage.permit().failed(failure);
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

    /** Nanoseconds for which the call was the upstreams', attempts before this one included. */
    public long nanosUpstream() {
        return (ended.get() ? endedAt : System.nanoTime()) - timer.callStartedAt();
    }

    private Throwable translated(Throwable failure) {
        RuntimeException reason = cut;
        if (reason != null) {
            return reason;
        }
        UpstreamTimeoutException timeout = timer.fired();
        return timeout != null
                ? timeout
                : UpstreamErrors.translated(failure, route().upstream().connectTimeout());
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
            refused(refused);
            end(Result.ofStatus(refused.status()));
        } else {
            passage.permit().failed(failure);
            end(failure instanceof UpstreamTimeoutException ? Result.TIMED_OUT : Result.FAILED);
        }
    }

    private void refused(UpstreamRefusedException refusal) {
        switch (refusal.status()) {
            case 401, 402, 403 -> keyring.refused(route().upstream(), passage.key(), refusal.status());
            case 429 -> passage.slot().refused(refusal.concurrencyLimit());
            default -> {}
        }
    }

    private void end(Result result) {
        if (ended.compareAndSet(false, true)) {
            endedAt = System.nanoTime();
            timer.stop();
            passage.slot().release();
            passage.permit().release();
            if (result == Result.COMPLETED) {
                keyring.taken(route().upstream(), passage.key());
            }
            meters.count(route(), result);
            passage.trace().end(result);
        }
    }
}

package io.deepgate.relay;

import io.deepgate.forward.Answer;
import io.deepgate.forward.UpstreamUnavailableException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * Relays a stream of events, each read of the upstream at once. Only whole events pass: should the upstream break off in
 * one, its beginning is dropped and a last event says what happened, instead of a clean end that would be half an answer.
 */
public final class StreamRelay {

    private static final int LARGEST_EVENT = 1024 * 1024;
    private static final int MOST_PIECES = 1024;

    private final Answer answer;
    private final AnswerMeter meter;
    private final EventReader events;
    private final Function<Throwable, byte[]> lastEvent;
    private @Nullable CompositeByteBuf held;
    private boolean begun;
    private boolean ended;

    /** @param lastEvent makes of a failure after the first event the event that ends the stream */
    public StreamRelay(Answer answer, AnswerMeter meter, Function<Throwable, byte[]> lastEvent) {
        this.answer = answer;
        this.meter = meter;
        this.events = new EventReader(meter);
        this.lastEvent = lastEvent;
    }

    /** The bytes for the client; fails only if nothing has been passed to it. */
    public Flux<ByteBuf> bytes() {
        return answer.body()
                .handle(this::next)
                .concatWith(Flux.defer(this::last))
                .onErrorResume(this::failed)
                .doFinally(end -> release());
    }

    private synchronized void next(ByteBuf part, SynchronousSink<ByteBuf> sink) {
        if (ended) {
            part.release();
            return;
        }
        long before = meter.pieces();
        int boundary = events.read(part);
        if (meter.pieces() != before) {
            answer.content();
        }
        if (events.done()) {
            meter.whole();
            answer.done();
        }
        ByteBuf whole = whole(part, boundary);
        if (whole != null) {
            begun = true;
            sink.next(whole);
        }
        if (meter.garbled()) {
            sink.error(garbled("The upstream sent an event that is no JSON."));
        }
    }

    /**
     * All that is held and {@code part} up to {@code boundary}; what lies behind it is held. It is cut from the part and
     * not from the whole, which would keep in memory all that was ever held.
     */
    private @Nullable ByteBuf whole(ByteBuf part, int boundary) {
        if (boundary < 0) {
            hold(part);
            return held != null && held.readableBytes() > LARGEST_EVENT && !meter.garbled() ? taken() : null;
        }
        int end = part.writerIndex();
        ByteBuf rest = boundary < end ? part.retainedSlice(boundary, end - boundary) : null;
        ByteBuf whole = part.writerIndex(boundary);
        if (held != null) {
            hold(part);
            whole = taken();
        }
        if (rest != null) {
            hold(rest);
        }
        return whole;
    }

    private void hold(ByteBuf part) {
        if (held == null) {
            held = Unpooled.compositeBuffer(MOST_PIECES);
        }
        held.addComponent(true, part);
    }

    private synchronized @Nullable ByteBuf taken() {
        ByteBuf all = held;
        held = null;
        return all;
    }

    private Flux<ByteBuf> last() {
        events.end();
        if (events.done() || meter.error()) {
            return Mono.fromSupplier(this::taken).flux();
        }
        return Flux.error(garbled("The upstream ended the stream before it was complete."));
    }

    private UpstreamUnavailableException garbled(String message) {
        UpstreamUnavailableException failure = new UpstreamUnavailableException(message, 502, null);
        answer.garbled(failure);
        return failure;
    }

    private Flux<ByteBuf> failed(Throwable failure) {
        if (events.done()) {
            return Flux.empty();
        }
        return begun ? Flux.just(Unpooled.wrappedBuffer(lastEvent.apply(failure))) : Flux.error(failure);
    }

    private synchronized void release() {
        ended = true;
        if (held != null) {
            held.release();
            held = null;
        }
    }
}

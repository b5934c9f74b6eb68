package io.deepgate.relay;

import io.deepgate.forward.Answer;
import io.deepgate.forward.UpstreamUnavailableException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;

/**
 * Relays a stream of events, each read of the upstream at once. Only whole events pass: should the upstream break off in
 * one, its beginning is dropped and a last event says what happened, instead of a clean end that would be half an answer.
 */
public final class StreamRelay {

    private static final int LARGEST_EVENT = 1024 * 1024;

    private final Answer answer;
    private final AnswerMeter meter;
    private final EventReader events;
    private final Function<Throwable, byte[]> lastEvent;
    private @Nullable ByteBuf held;
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
        if (meter.garbled()) {
            part.release();
            sink.error(garbled("The upstream sent an event that is no JSON."));
            return;
        }
        if (meter.pieces() != before) {
            answer.content();
        }
        if (events.done()) {
            answer.done();
        }
        ByteBuf whole = whole(part, boundary);
        if (whole != null) {
            begun = true;
            sink.next(whole);
        }
    }

    /** All that is held and {@code part} up to {@code boundary}; what lies behind it is held. */
    private @Nullable ByteBuf whole(ByteBuf part, int boundary) {
        ByteBuf all = held == null ? part : joined(held, part);
        int rest = boundary < 0 ? all.readableBytes() : part.writerIndex() - boundary;
        if (rest == 0 || rest > LARGEST_EVENT) {
            held = null;
            return all;
        }
        if (boundary < 0) {
            held = all;
            return null;
        }
        int end = all.writerIndex() - rest;
        held = all.retainedSlice(end, rest);
        return all.writerIndex(end);
    }

    /** One flat buffer of many parts: upstreams may send an event byte by byte. */
    private static ByteBuf joined(ByteBuf held, ByteBuf part) {
        CompositeByteBuf all = held instanceof CompositeByteBuf parts
                ? parts
                : Unpooled.compositeBuffer(LARGEST_EVENT).addComponent(true, held);
        return all.addComponent(true, part);
    }

    /** The upstream's end; unless it said that all is done, or itself that it failed, it broke off. */
    private synchronized Flux<ByteBuf> last() {
        if (events.done()) {
            return Flux.empty();
        }
        UpstreamUnavailableException failure = garbled("The upstream ended the stream before it was complete.");
        return meter.error() && held == null ? Flux.empty() : Flux.error(failure);
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

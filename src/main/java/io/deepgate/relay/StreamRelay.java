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

    /** What is kept from the client. */
    public record Hidden(boolean comments, boolean usageOnly) {

        boolean any() {
            return comments || usageOnly;
        }
    }

    private static final int LARGEST_EVENT = 1024 * 1024;

    private final Answer answer;
    private final AnswerMeter meter;
    private final EventReader events;
    private final Hidden hidden;
    private final Function<Throwable, byte[]> lastEvent;
    private @Nullable ByteBuf held;
    private boolean begun;
    private boolean passed;
    private boolean ended;

    /** @param lastEvent makes of a failure after the first event the event that ends the stream */
    public StreamRelay(Answer answer, AnswerMeter meter, Hidden hidden, Function<Throwable, byte[]> lastEvent) {
        this.answer = answer;
        this.meter = meter;
        this.events = new EventReader(meter);
        this.hidden = hidden;
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
        ByteBuf all = held == null ? part : Unpooled.wrappedBuffer(held, part);
        int before = all.readableBytes() - part.readableBytes();
        held = null;
        long pieces = meter.pieces();
        ByteBuf whole = hidden.any() ? shown(all, before) : whole(all, before);
        if (meter.pieces() != pieces) {
            answer.content();
        }
        if (events.done()) {
            answer.done();
        }
        if (whole.isReadable()) {
            begun = true;
            sink.next(whole);
            passed = events.done();
        } else {
            whole.release();
        }
        if (meter.garbled()) {
            sink.error(garbled("The upstream sent an event that is no JSON."));
        }
    }

    /** The whole events of {@code all}, of which {@code read} bytes were read before; what lies behind them is held. */
    private ByteBuf whole(ByteBuf all, int read) {
        int end = all.readerIndex();
        for (int at = events.next(all, end + read); at >= 0; at = events.next(all, at)) {
            end = at;
        }
        return hold(all, end) ? all.writerIndex(end) : all;
    }

    /** The same without what is hidden. */
    private ByteBuf shown(ByteBuf all, int read) {
        CompositeByteBuf shown = Unpooled.compositeBuffer();
        int end = all.readerIndex();
        for (int at = events.next(all, end + read); at >= 0; at = events.next(all, at)) {
            if (!isHidden()) {
                shown.addComponent(true, all.retainedSlice(end, at - end));
            }
            end = at;
        }
        if (!hold(all, end)) {
            shown.addComponent(true, all.retainedSlice(end, all.writerIndex() - end));
        }
        all.release();
        return shown;
    }

    private boolean isHidden() {
        return events.comment() ? hidden.comments : hidden.usageOnly && meter.usageOnly() && !events.done();
    }

    /** Holds what lies behind {@code end}, unless it is so much that it has to pass unwhole. */
    private boolean hold(ByteBuf all, int end) {
        int rest = all.writerIndex() - end;
        if (rest > LARGEST_EVENT) {
            return false;
        }
        held = rest == 0 ? null : all.retainedSlice(end, rest);
        return true;
    }

    private Flux<ByteBuf> last() {
        if (events.done() || meter.error()) {
            ByteBuf rest = held;
            held = null;
            return rest == null ? Flux.empty() : Flux.just(rest);
        }
        return Flux.error(garbled("The upstream ended the stream before it was complete."));
    }

    private UpstreamUnavailableException garbled(String message) {
        UpstreamUnavailableException failure = new UpstreamUnavailableException(message, 502, null);
        answer.garbled(failure);
        return failure;
    }

    private Flux<ByteBuf> failed(Throwable failure) {
        if (passed || (events.done() && held != null)) {
            return last();
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

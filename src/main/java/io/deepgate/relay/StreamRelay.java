package io.deepgate.relay;

import io.deepgate.forward.Answer;
import io.deepgate.forward.UpstreamUnavailableException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/**
 * Relays a stream of events, each read of the upstream at once. Only whole events pass: should the upstream break off in
 * one, its beginning is dropped, and the relay fails instead of a clean end that would be half an answer.
 */
public final class StreamRelay {

    /** What is kept from the client. */
    public record Hidden(boolean comments, boolean usageOnly) {}

    /** Bytes of an event that are held until it is whole; DeepSeek's have some hundred. */
    private static final int LARGEST_EVENT = 16 * 1024;

    private static final int MOST_PIECES = 1024;

    private final Answer answer;
    private final AnswerMeter meter;
    private final EventReader events;
    private final Hidden hidden;
    private @Nullable CompositeByteBuf held;
    private boolean data;
    private boolean passed;
    private boolean ended;

    public StreamRelay(Answer answer, AnswerMeter meter, Hidden hidden) {
        this.answer = answer;
        this.meter = meter;
        this.events = new EventReader(meter);
        this.hidden = hidden;
    }

    /** The bytes for the client; fails if the stream is not whole, even when some of it has been passed. */
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
        long pieces = meter.pieces();
        ByteBuf whole = whole(part);
        if (meter.pieces() != pieces) {
            answer.content();
        }
        if (events.done()) {
            done();
        }
        if (whole != null) {
            if (data) {
                answer.begin();
            }
            sink.next(whole);
        }
        passed = events.done() && held == null;
        if (meter.garbled()) {
            sink.error(garbled("The upstream sent an event that is no JSON."));
        }
    }

    private void done() {
        meter.whole();
        answer.done();
    }

    /**
     * All whole events but the hidden ones, with what was held of the first; the beginning of the next is held. A part of
     * which all passes is passed as it is.
     */
    private @Nullable ByteBuf whole(ByteBuf part) {
        int first = part.readerIndex();
        int begin = first;
        int end = first;
        ByteBuf whole = null;
        for (int at = events.next(part, end); at >= 0; at = events.next(part, at)) {
            if (isHidden()) {
                whole = end > begin ? and(whole, slice(part, begin, end)) : whole;
                forgetHeld();
                begin = at;
            } else {
                data |= !events.comment();
            }
            end = at;
            meter.torn(false);
        }
        if (begin == first && end == part.writerIndex() && held == null) {
            return part;
        }
        whole = end > begin ? and(whole, slice(part, begin, end)) : whole;
        hold(part, end);
        return whole == null ? tooLarge() : whole;
    }

    private ByteBuf slice(ByteBuf part, int begin, int end) {
        return withHeld(part.retainedSlice(begin, end - begin));
    }

    private static ByteBuf and(@Nullable ByteBuf before, ByteBuf next) {
        if (before == null) {
            return next;
        }
        CompositeByteBuf all = before instanceof CompositeByteBuf several
                ? several
                : Unpooled.compositeBuffer(MOST_PIECES).addComponent(true, before);
        return all.addComponent(true, next);
    }

    private boolean isHidden() {
        return events.comment() ? hidden.comments : hidden.usageOnly && meter.usageOnly() && !events.done();
    }

    private ByteBuf withHeld(ByteBuf end) {
        CompositeByteBuf all = held;
        held = null;
        return all == null ? end : all.addComponent(true, end);
    }

    /** Holds what lies behind {@code end}; cut from the part, so that nothing that has passed stays in memory. */
    private void hold(ByteBuf part, int end) {
        part.readerIndex(end);
        if (!part.isReadable()) {
            part.release();
            return;
        }
        if (held == null) {
            held = Unpooled.compositeBuffer(MOST_PIECES);
        }
        held.addComponent(true, part);
    }

    /** An event that is too large to be held passes in pieces. */
    private @Nullable ByteBuf tooLarge() {
        boolean tooLarge = held != null && held.readableBytes() > LARGEST_EVENT && !meter.garbled();
        if (!tooLarge) {
            return null;
        }
        data = true;
        meter.torn(true);
        return taken();
    }

    private synchronized @Nullable ByteBuf taken() {
        ByteBuf all = held;
        held = null;
        return all;
    }

    /** The upstream's end: unless it has said that all is done, or itself that it failed, it broke off. */
    private Flux<ByteBuf> last() {
        events.end();
        if (events.done()) {
            done();
            return rest();
        }
        UpstreamUnavailableException failure = garbled("The upstream ended the stream before it was complete.");
        return meter.error() && held == null ? Flux.empty() : Flux.error(failure);
    }

    /** What is held, taken only when it is asked for, so that it stays ours to release until then. */
    private Flux<ByteBuf> rest() {
        return held == null ? Flux.empty() : Mono.fromSupplier(this::taken).flux();
    }

    private UpstreamUnavailableException garbled(String message) {
        UpstreamUnavailableException failure = new UpstreamUnavailableException(message, 502, null);
        answer.garbled(failure);
        return failure;
    }

    /** An upstream that fails after all has passed fails nobody. */
    private Flux<ByteBuf> failed(Throwable failure) {
        if (passed || (events.done() && failure instanceof UpstreamUnavailableException)) {
            return rest();
        }
        return Flux.error(failure);
    }

    private synchronized void release() {
        ended = true;
        forgetHeld();
    }

    private void forgetHeld() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}

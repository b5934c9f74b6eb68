package io.deepgate.relay;

import io.deepgate.forward.Answer;
import io.deepgate.forward.UpstreamUnavailableException;
import io.netty.buffer.ByteBuf;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;

/**
 * Relays an answer that is one JSON document, as it comes; the blank lines before it, by which DeepSeek keeps connections
 * open, pass too but are no content.
 */
public final class DocumentRelay {

    private final Answer answer;
    private final AnswerMeter meter;
    private boolean whole;

    public DocumentRelay(Answer answer, AnswerMeter meter) {
        this.answer = answer;
        this.meter = meter;
    }

    /** The bytes for the client; fails if the document is not whole, even when some of it has been passed. */
    public Flux<ByteBuf> bytes() {
        return answer.body()
                .handle(this::next)
                .concatWith(Flux.defer(this::last))
                .onErrorResume(failure -> whole ? Flux.empty() : Flux.error(failure));
    }

    private void next(ByteBuf part, SynchronousSink<ByteBuf> sink) {
        meter.read(part, part.readerIndex(), part.writerIndex());
        if (meter.garbled()) {
            part.release();
            sink.error(garbled("The upstream answered something that is no JSON."));
            return;
        }
        whole = meter.documentEnded();
        if (whole) {
            answer.done();
        } else if (meter.documentBegun()) {
            answer.content();
        }
        sink.next(part);
    }

    private Flux<ByteBuf> last() {
        return whole ? Flux.empty() : Flux.error(garbled("The upstream ended the answer before it was complete."));
    }

    private UpstreamUnavailableException garbled(String message) {
        UpstreamUnavailableException failure = new UpstreamUnavailableException(message, 502, null);
        answer.garbled(failure);
        return failure;
    }
}

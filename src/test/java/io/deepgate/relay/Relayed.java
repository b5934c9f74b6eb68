package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.forward.Attempt;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/**
 * One relay between an upstream that a test plays and a client that takes all it gets, releasing it. Signals go through
 * at once, in the test's thread.
 */
final class Relayed extends BaseSubscriber<ByteBuf> {

    static final String LAST_EVENT = "data: {\"error\":{\"message\":\"broke off\"}}\n\n";

    final AnswerMeter meter = new AnswerMeter();
    final Attempt attempt = Attempt.answeredBy(Flux.from((Publisher<ByteBuf>) this::subscribed));
    private final List<ByteBuf> sent = new ArrayList<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private Subscriber<? super ByteBuf> upstream;
    private Throwable failure;
    private boolean completed;
    private boolean cancelledUpstream;

    static Relayed stream() {
        return stream(new StreamRelay.Hidden(false, false));
    }

    static Relayed stream(StreamRelay.Hidden hidden) {
        Relayed relayed = new Relayed();
        new StreamRelay(relayed.attempt.answer(), relayed.meter, hidden)
                .bytes()
                .onErrorResume(failure -> relayed.received.size() > 0, failure -> lastEvent())
                .subscribe(relayed);
        return relayed;
    }

    /** What the gateway makes of a failure once something has passed. */
    private static Flux<ByteBuf> lastEvent() {
        return Flux.just(Unpooled.copiedBuffer(LAST_EVENT, UTF_8));
    }

    static Relayed document() {
        Relayed relayed = new Relayed();
        new DocumentRelay(relayed.attempt.answer(), relayed.meter).bytes().subscribe(relayed);
        return relayed;
    }

    static Relayed of(Recorded recorded) {
        return recorded == Recorded.DOCUMENT ? document() : stream();
    }

    private void subscribed(Subscriber<? super ByteBuf> subscriber) {
        upstream = subscriber;
        subscriber.onSubscribe(new Subscription() {
            @Override
            public void request(long n) {
                // All comes at once.
            }

            @Override
            public void cancel() {
                cancelledUpstream = true;
            }
        });
    }

    /** The upstream sends a part. */
    Relayed send(byte[] part) {
        return part.length == 0 ? this : send(Unpooled.copiedBuffer(part));
    }

    Relayed send(ByteBuf part) {
        sent.add(part);
        upstream.onNext(part);
        return this;
    }

    Relayed send(String part) {
        return send(part.getBytes(UTF_8));
    }

    /** The upstream sends {@code whole} in parts that end at {@code cuts}, until its connection is closed. */
    Relayed send(byte[] whole, int... cuts) {
        int from = 0;
        for (int cut : cuts) {
            sendIfOpen(Arrays.copyOfRange(whole, from, cut));
            from = cut;
        }
        return sendIfOpen(Arrays.copyOfRange(whole, from, whole.length));
    }

    Relayed sendByteByByte(byte[] whole) {
        for (byte next : whole) {
            sendIfOpen(new byte[] {next});
        }
        return this;
    }

    private Relayed sendIfOpen(byte[] part) {
        return cancelledUpstream ? this : send(part);
    }

    /** The upstream ends the answer. */
    Relayed ends() {
        upstream.onComplete();
        return this;
    }

    /** The upstream's connection breaks. */
    Relayed breaks() {
        upstream.onError(new IOException("Connection reset by peer"));
        return this;
    }

    @Override
    protected void hookOnNext(ByteBuf bytes) {
        received.writeBytes(ByteBufUtil.getBytes(bytes));
        bytes.release();
    }

    @Override
    protected void hookOnComplete() {
        completed = true;
    }

    @Override
    protected void hookOnError(Throwable throwable) {
        failure = throwable;
    }

    String text() {
        return received.toString(UTF_8);
    }

    byte[] bytes() {
        return received.toByteArray();
    }

    boolean completed() {
        return completed;
    }

    Throwable failure() {
        return failure;
    }

    boolean cancelledUpstream() {
        return cancelledUpstream;
    }

    /** Nothing of what the upstream sent is held any more. */
    void assertNothingHeld(String as) {
        assertThat(sent).as(as).allMatch(part -> part.refCnt() == 0);
    }
}

package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * The pieces of a request's body as one buffer, which is the subscriber's to release, within a size and a time. Everything
 * happens on the connection's own event loop, its cancellation too: elsewhere it could race with the body and lose it.
 */
final class BodyJoin extends Mono<ByteBuf> {

    /** What even the smallest piece of a body costs until the body is whole, bytes. */
    private static final int LEAST_COST = 256;

    private final Flux<?> pieces;
    private final EventLoop loop;
    private final int maxSize;
    private final Duration timeout;
    private final IntConsumer held;

    /**
     * @param pieces HTTP content, each released behind us; may fail twice, as what is received from a connection does when our
     *     subscriber ends the exchange for the first failure
     * @param held is told what every piece costs, in bytes, before it is kept; what it throws is the failure
     */
    BodyJoin(Flux<?> pieces, EventLoop loop, int maxSize, Duration timeout, IntConsumer held) {
        this.pieces = pieces;
        this.loop = loop;
        this.maxSize = maxSize;
        this.timeout = timeout;
        this.held = held;
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> subscriber) {
        pieces.subscribe(new Joining(subscriber));
    }

    private final class Joining implements CoreSubscriber<Object>, Subscription {

        private final CoreSubscriber<? super ByteBuf> subscriber;
        private @Nullable Subscription body;
        private @Nullable Future<?> timer;
        private ByteBuf whole = Unpooled.EMPTY_BUFFER;
        private @Nullable CompositeByteBuf joined;
        private boolean ended;

        Joining(CoreSubscriber<? super ByteBuf> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public Context currentContext() {
            return subscriber.currentContext();
        }

        @Override
        public void onSubscribe(Subscription body) {
            this.body = body;
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long count) {
            if (timer == null && body != null && !ended) {
                timer = loop.schedule(this::late, timeout.toMillis(), TimeUnit.MILLISECONDS);
                body.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(Object content) {
            if (ended) {
                return;
            }
            ByteBuf piece = ((ByteBufHolder) content).content();
            int size = piece.readableBytes();
            if (whole.readableBytes() + size > maxSize) {
                fail(new RequestTooLargeException(maxSize));
                return;
            }
            try {
                held.accept(Math.max(LEAST_COST, size));
            } catch (RuntimeException e) {
                fail(e);
                return;
            }
            add(piece.retain());
        }

        private void add(ByteBuf piece) {
            if (!whole.isReadable()) {
                whole.release();
                whole = piece;
                return;
            }
            if (joined == null) {
                joined = whole.alloc().compositeBuffer(Integer.MAX_VALUE).addComponent(true, whole);
                whole = joined;
            }
            joined.addComponent(true, piece);
        }

        @Override
        public void onComplete() {
            if (end()) {
                ByteBuf bytes = whole;
                whole = Unpooled.EMPTY_BUFFER;
                subscriber.onNext(bytes);
                subscriber.onComplete();
            }
        }

        @Override
        public void onError(Throwable failure) {
            if (end()) {
                forget();
                subscriber.onError(failure);
            }
        }

        private void late() {
            fail(new RequestTimeoutException(timeout));
        }

        private void fail(Throwable failure) {
            if (leave()) {
                subscriber.onError(failure);
            }
        }

        @Override
        public void cancel() {
            leave();
        }

        /** Wants no more of the body; tells whether it was not over yet. */
        private boolean leave() {
            Subscription unread = body;
            if (unread == null || !end()) {
                return false;
            }
            forget();
            unread.cancel();
            return true;
        }

        private boolean end() {
            if (ended) {
                return false;
            }
            ended = true;
            if (timer != null) {
                timer.cancel(false);
            }
            return true;
        }

        private void forget() {
            whole.release();
            whole = Unpooled.EMPTY_BUFFER;
        }
    }
}

package io.deepgate.api;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Closes a connection whose client begins a request's head and does not end it in time. A head that comes in one piece, as
 * nearly all do, starts no timer.
 */
final class HeadTimeout extends ChannelInboundHandlerAdapter {

    private final long millis;
    private boolean bytes;
    private boolean decoded;
    private boolean inBody;
    private @Nullable Future<?> timer;

    private HeadTimeout(Duration timeout) {
        this.millis = timeout.toMillis();
    }

    /** Puts one on either side of what makes requests of bytes. */
    static void addTo(ChannelPipeline pipeline, Duration timeout) {
        HeadTimeout head = new HeadTimeout(timeout);
        pipeline.addBefore(NettyPipeline.HttpCodec, "deepgate.bytes", head.new Bytes());
        pipeline.addAfter(NettyPipeline.HttpCodec, "deepgate.head", head);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        decoded = true;
        if (message instanceof HttpRequest) {
            inBody = true;
            stop();
        }
        if (message instanceof LastHttpContent) {
            inBody = false;
        }
        context.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (bytes && !decoded && !inBody && timer == null) {
            timer = context.executor().schedule(() -> context.close(), millis, TimeUnit.MILLISECONDS);
        }
        bytes = false;
        decoded = false;
        context.fireChannelReadComplete();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        stop();
        context.fireChannelInactive();
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /** Sees that something has come at all. */
    private final class Bytes extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            bytes = true;
            context.fireChannelRead(message);
        }
    }
}

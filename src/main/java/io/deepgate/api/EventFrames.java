package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import reactor.netty.NettyPipeline;

/**
 * Makes one buffer of each small piece of a stream of events and of what is around it in HTTP's chunked coding. Netty's
 * encoder makes three, each with a promise of its own, which costs more than copying some hundred bytes. Source: RFC 9112,
 * section 7.1.
 */
final class EventFrames extends ChannelOutboundHandlerAdapter {

    private static final int SMALL = 4095;
    private static final int AROUND = 7; // three hexadecimal digits and two line ends
    private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE_END = '\r' << 8 | '\n';

    private final ChannelHandlerContext encoder;
    private boolean events;

    private EventFrames(ChannelHandlerContext encoder) {
        this.encoder = encoder;
    }

    /** Puts one behind what makes bytes of answers. */
    static void addTo(ChannelPipeline pipeline) {
        pipeline.addAfter(
                NettyPipeline.HttpCodec, "deepgate.events", new EventFrames(pipeline.context(NettyPipeline.HttpCodec)));
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (events && message instanceof ByteBuf piece && piece.isReadable() && piece.readableBytes() <= SMALL) {
            encoder.write(frame(context, piece), promise);
            return;
        }
        if (message instanceof HttpResponse head) {
            events = isChunked(head);
        }
        if (message instanceof LastHttpContent) {
            events = false;
        }
        context.write(message, promise);
    }

    private static boolean isChunked(HttpResponse head) {
        CharSequence type = HttpUtil.getMimeType(head);
        return type != null
                && AsciiString.contentEqualsIgnoreCase(type, HttpHeaderValues.TEXT_EVENT_STREAM)
                && HttpUtil.isTransferEncodingChunked(head);
    }

    private static ByteBuf frame(ChannelHandlerContext context, ByteBuf piece) {
        int length = piece.readableBytes();
        ByteBuf frame = context.alloc().directBuffer(length + AROUND);
        for (int shift = length < 16 ? 0 : length < 256 ? 4 : 8; shift >= 0; shift -= 4) {
            frame.writeByte(DIGITS[length >> shift & 15]);
        }
        frame.writeShort(LINE_END).writeBytes(piece).writeShort(LINE_END);
        piece.release();
        return frame;
    }
}

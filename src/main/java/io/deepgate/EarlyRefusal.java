package io.deepgate;

import io.deepgate.admission.OpenCalls;
import io.deepgate.admission.OverloadedException;
import io.deepgate.api.ApiError;
import io.deepgate.api.Envelope;
import io.deepgate.api.ErrorWriter;
import io.deepgate.api.RequestId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Answers what an event loop comes to too late before anything looks at who sends what: refusing must cost so little that
 * it makes nothing later. What is refused here is no call; it is counted and leaves no record.
 */
final class EarlyRefusal extends ChannelDuplexHandler {

    private static final ApiError ERROR = ErrorTable.of(new OverloadedException());

    private final OpenCalls calls;
    private final Map<Envelope, byte[]> bodies;
    private int unanswered;
    private boolean dropping;
    private boolean refused;

    private EarlyRefusal(OpenCalls calls, Map<Envelope, byte[]> bodies) {
        this.calls = calls;
        this.bodies = bodies;
    }

    /** Puts one behind what makes requests of bytes and what times them, on every connection. */
    static HttpServer in(HttpServer server, OpenCalls calls, ErrorWriter errors) {
        Map<Envelope, byte[]> bodies = Arrays.stream(Envelope.values())
                .collect(Collectors.toMap(Function.identity(), envelope -> errors.body(ERROR, envelope)));
        return server.doOnChannelInit((observer, channel, address) -> channel.pipeline()
                .addBefore(NettyPipeline.HttpTrafficHandler, "deepgate.refusal", new EarlyRefusal(calls, bodies)));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            // Answers go out in the order of their requests.
            dropping = unanswered == 0
                    && request.method().equals(HttpMethod.POST)
                    && calls.sheds(context.channel().eventLoop());
            if (dropping) {
                refused = true;
                refuse(context, request);
            } else {
                unanswered++;
            }
        }
        if (!dropping) {
            context.fireChannelRead(message);
            return;
        }
        dropping = !(message instanceof LastHttpContent);
        ReferenceCountUtil.release(message);
    }

    private void refuse(ChannelHandlerContext context, HttpRequest request) {
        ByteBuf body = Unpooled.wrappedBuffer(Objects.requireNonNull(bodies.get(Envelope.ofPath(request.uri()))));
        FullHttpResponse answer =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(ERROR.status()), body);
        answer.headers().set("content-type", "application/json").set("x-request-id", RequestId.next());
        ERROR.headers().forEach(answer.headers()::set);
        HttpUtil.setContentLength(answer, body.readableBytes());
        HttpUtil.setKeepAlive(answer, HttpUtil.isKeepAlive(request));
        ChannelFuture written = context.writeAndFlush(answer);
        if (!HttpUtil.isKeepAlive(request)) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        // Behind a call Reactor Netty reads only when it is asked for more, and nobody there has seen this one.
        if (refused && !context.channel().config().isAutoRead()) {
            context.read();
        }
        refused = dropping;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent && !isInformation(message)) {
            unanswered--;
        }
        context.write(message, promise);
    }

    private static boolean isInformation(Object message) {
        return message instanceof FullHttpResponse answer
                && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }
}

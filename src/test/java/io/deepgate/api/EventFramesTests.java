package io.deepgate.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.NettyPipeline;

/** The same bytes as Netty's encoder alone would write. */
class EventFramesTests {

    private static final String GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    private final EmbeddedChannel framed = channel();
    private final EmbeddedChannel plain = channel();

    EventFramesTests() {
        EventFrames.addTo(framed.pipeline());
    }

    private static EmbeddedChannel channel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpServerCodec());
        channel.writeInbound(Unpooled.copiedBuffer(GET, StandardCharsets.US_ASCII));
        channel.releaseInbound();
        return channel;
    }

    @AfterEach
    void closes() {
        framed.finishAndReleaseAll();
        plain.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 255, 256, 300, 4095})
    void writesAnEventAtOnce(int length) {
        writes(head("text/event-stream; charset=utf-8"));
        ByteBuf event = piece(length);
        framed.writeOutbound(event);
        plain.writeOutbound(piece(length));

        assertThat(event.refCnt()).isZero();
        assertThat(written(framed)).hasSize(1).containsExactly(String.join("", written(plain)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4096, 100_000})
    void leavesOthersToTheEncoder(int length) {
        writes(head("text/event-stream"));
        framed.writeOutbound(piece(length));
        plain.writeOutbound(piece(length));

        assertThat(written(framed)).isEqualTo(written(plain));
    }

    @Test
    void leavesOtherAnswersToTheEncoder() {
        writes(head("application/json"));
        framed.writeOutbound(piece(10));
        plain.writeOutbound(piece(10));
        assertThat(written(framed)).isEqualTo(written(plain)).hasSizeGreaterThan(1);

        writes(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    @Test
    void endsAStreamAndAnswersTheNextRequest() {
        writes(head("text/event-stream"));
        writes(LastHttpContent.EMPTY_LAST_CONTENT);
        for (EmbeddedChannel channel : List.of(framed, plain)) {
            channel.writeInbound(Unpooled.copiedBuffer(GET, StandardCharsets.US_ASCII));
            channel.releaseInbound();
            DefaultFullHttpResponse whole =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, piece(5));
            whole.headers().set("content-length", 5);
            channel.writeOutbound(whole);
        }

        assertThat(String.join("", written(framed)))
                .isEqualTo(String.join("", written(plain)))
                .endsWith("aaaaa");
    }

    private void writes(Object message) {
        framed.writeOutbound(message);
        plain.writeOutbound(message);
        assertThat(String.join("", written(framed))).isEqualTo(String.join("", written(plain)));
    }

    private static HttpResponse head(String type) {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set("content-type", type).set("transfer-encoding", "chunked");
        return head;
    }

    private static ByteBuf piece(int length) {
        return Unpooled.copiedBuffer("a".repeat(length), StandardCharsets.US_ASCII);
    }

    private static List<String> written(EmbeddedChannel channel) {
        List<String> written = new ArrayList<>();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            written.add(next.toString(StandardCharsets.US_ASCII));
            next.release();
        }
        return written;
    }
}

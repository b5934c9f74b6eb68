package io.deepgate.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Bodies as they come over a real connection, in pieces and at their own pace. */
class RequestReaderTests {

    private static final String HEAD = "POST / HTTP/1.1\r\nhost: deepgate\r\n";

    private final RequestReader reader = new RequestReader(
            new ApiProperties(DataSize.ofKilobytes(1), Duration.ofSeconds(1), Duration.ofSeconds(1), null));
    private final AtomicInteger held = new AtomicInteger();
    private final BlockingQueue<Object> results = new LinkedBlockingQueue<>();
    private final BlockingQueue<ByteBuf> received = new LinkedBlockingQueue<>();
    private final DisposableServer server = HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle(new ReactorHttpHandlerAdapter((request, response) -> read(request)))
            .bindNow();

    @AfterEach
    void stops() {
        await().untilAsserted(() -> assertThat(received).allMatch(bytes -> bytes.refCnt() == 0));
        server.disposeNow();
    }

    @Test
    void readsABodyThatComesInPieces() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "transfer-encoding: chunked\r\n\r\n");
            send(client, "5\r\n{\"mod\r\n");
            send(client, "8\r\nel\":\"m\"}\r\n");
            send(client, "0\r\n\r\n");

            assertThat(result()).isEqualTo("model m, 13 bytes");
        }
    }

    @Test
    void countsWhatPiecesCostAndNotOnlyTheirBytes() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "transfer-encoding: chunked\r\n\r\n");
            for (char next : "{\"model\":\"m\"}".toCharArray()) {
                send(client, "1\r\n" + next + "\r\n");
            }
            send(client, "0\r\n\r\n");

            assertThat(result()).isEqualTo("model m, 13 bytes");
            assertThat(held).hasValue(13 * 256);
        }
    }

    @Test
    void readsABodyOfTheLargestSize() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "content-length: 1024\r\n\r\n{\"model\":\"m\",\"x\":\"" + "x".repeat(1004) + "\"}");

            assertThat(result()).isEqualTo("model m, 1024 bytes");
        }
    }

    @Test
    void refusesABodyThatSaysItIsTooLarge() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "content-length: 1025\r\n\r\n");

            assertThat(result()).isInstanceOf(RequestTooLargeException.class);
        }
    }

    @Test
    void refusesABodyThatTurnsOutTooLarge() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "transfer-encoding: chunked\r\n\r\n");
            send(client, "400\r\n" + " ".repeat(1024) + "\r\n");
            send(client, "1\r\n \r\n");

            assertThat((Throwable) result())
                    .isInstanceOf(RequestTooLargeException.class)
                    .hasMessage("The request body is larger than 1024 bytes, the most this gateway takes.");
        }
    }

    @Test
    void refusesABodyThatDoesNotCome() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "content-length: 100\r\n\r\n{\"model\":");

            assertThat((Throwable) result())
                    .isInstanceOf(RequestTimeoutException.class)
                    .hasMessage("The request body did not arrive within 1 s.");
        }
    }

    @Test
    void refusesNoBody() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "content-length: 0\r\n\r\n");

            assertThat((Throwable) result())
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("is empty");
        }
    }

    @Test
    void refusesABodyThatCannotBeRead() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "content-length: 3\r\n\r\nabc");

            assertThat(result()).isInstanceOf(InvalidRequestException.class);
        }
    }

    @Test
    void refusesWhatIsNotPlainJson() throws Exception {
        refuses("content-type: text/plain", "invalid_content_type");
        refuses("content-type: application/x-www-form-urlencoded", "invalid_content_type");
        refuses("content-encoding: gzip", "invalid_content_encoding");
    }

    @Test
    void takesJsonWithACharset() throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + "Content-Type: Application/JSON; charset=utf-8\r\ncontent-length: 13\r\n\r\n");
            send(client, "{\"model\":\"m\"}");

            assertThat(result()).isEqualTo("model m, 13 bytes");
        }
    }

    private void refuses(String header, String code) throws Exception {
        try (Socket client = connect()) {
            send(client, HEAD + header + "\r\ncontent-length: 13\r\n\r\n{\"model\":\"m\"}");

            assertThat(result())
                    .isInstanceOfSatisfying(
                            InvalidRequestException.class,
                            refusal -> assertThat(refusal.code()).isEqualTo(code));
        }
    }

    private Mono<Void> read(ServerHttpRequest request) {
        var watched = new ServerHttpRequestDecorator(request) {
            @Override
            public Flux<DataBuffer> getBody() {
                return super.getBody().doOnNext(part -> received.add(NettyDataBufferFactory.toByteBuf(part)));
            }
        };
        return Mono.defer(() -> reader.read(watched, held::addAndGet))
                .doOnNext(body -> {
                    results.add("model " + body.model() + ", " + body.size() + " bytes");
                    body.bytes().release();
                })
                .doOnError(results::add)
                .onErrorComplete()
                .then();
    }

    private Object result() throws InterruptedException {
        Object result = results.poll(10, TimeUnit.SECONDS);
        assertThat(result).as("a result within 10 s").isNotNull();
        return result;
    }

    private Socket connect() throws IOException {
        return new Socket("127.0.0.1", server.port());
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(UTF_8));
        client.getOutputStream().flush();
    }
}

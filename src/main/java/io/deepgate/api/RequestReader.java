package io.deepgate.api;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Takes a request's body in, within its size and time, and scans it. */
public final class RequestReader {

    /** What even the smallest piece of a body costs until the body is whole, bytes. */
    private static final int LEAST_COST = 256;

    private final int maxSize;
    private final Duration timeout;

    public RequestReader(ApiProperties properties) {
        this.maxSize = Math.toIntExact(properties.maxRequestSize().toBytes());
        this.timeout = properties.requestTimeout();
    }

    /**
     * The body of {@code request}; fails with {@link InvalidRequestException}, {@link RequestTooLargeException} or
     * {@link RequestTimeoutException}.
     *
     * @param held is told what every piece costs, in bytes, before it is kept; what it throws is the failure
     */
    public Mono<RequestBody> read(ServerHttpRequest request, IntConsumer held) {
        checkHeaders(request.getHeaders());
        return DataBufferUtils.join(request.getBody().doOnNext(piece -> hold(piece, held)), maxSize)
                .timeout(after(timeout, request))
                .onErrorMap(DataBufferLimitException.class, e -> new RequestTooLargeException(maxSize))
                .onErrorMap(TimeoutException.class, e -> new RequestTimeoutException(timeout))
                .map(NettyDataBufferFactory::toByteBuf)
                .map(bytes -> scan(bytes, request))
                .switchIfEmpty(Mono.error(RequestReader::empty));
    }

    /**
     * Takes the body in and forgets it, within the same time: closing a connection whose body has not been read resets it,
     * and its client may lose the answer by that.
     */
    public Mono<Void> skip(ServerHttpRequest request) {
        return request.getBody()
                .doOnNext(DataBufferUtils::release)
                .then()
                .timeout(after(timeout, request))
                .onErrorComplete();
    }

    private void checkHeaders(HttpHeaders headers) {
        if (headers.getContentLength() > maxSize) {
            throw new RequestTooLargeException(maxSize);
        }
        String type = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        if (type != null && !type.regionMatches(true, 0, "application/json", 0, "application/json".length())) {
            throw new InvalidRequestException(
                    "invalid_content_type", null, "Send the body as \"content-type: application/json\".");
        }
        if (headers.containsHeader(HttpHeaders.CONTENT_ENCODING)) {
            throw new InvalidRequestException(
                    "invalid_content_encoding", null, "Send the body without a content-encoding.");
        }
    }

    private static void hold(DataBuffer piece, IntConsumer held) {
        try {
            held.accept(Math.max(LEAST_COST, piece.readableByteCount()));
        } catch (RuntimeException e) {
            DataBufferUtils.release(piece);
            throw e;
        }
    }

    private static RequestBody scan(io.netty.buffer.ByteBuf bytes, ServerHttpRequest request) {
        try {
            if (brokeOff(request)) {
                throw new InvalidRequestException("invalid_body", null, "The chunks of the request body are broken.");
            }
            return RequestScanner.scan(bytes);
        } catch (RuntimeException e) {
            bytes.release();
            throw e;
        }
    }

    /** The server answers broken chunks itself, and ends the body there as if it were whole. */
    private static boolean brokeOff(ServerHttpRequest request) {
        HttpServerRequest connection = ServerHttpRequestDecorator.getNativeRequest(request);
        return connection instanceof HttpServerResponse answer && answer.hasSentHeaders();
    }

    private static InvalidRequestException empty() {
        return new InvalidRequestException("invalid_json", null, "The request body is empty; send a JSON object.");
    }

    /** A timer on the connection's own event loop: firing elsewhere it could race with the body and lose its buffer. */
    private static Mono<Long> after(Duration timeout, ServerHttpRequest request) {
        HttpServerRequest connection = ServerHttpRequestDecorator.getNativeRequest(request);
        return Mono.create(sink -> connection.withConnection(c -> {
            EventLoop loop = c.channel().eventLoop();
            Future<?> timer = loop.schedule(() -> sink.success(0L), timeout.toMillis(), TimeUnit.MILLISECONDS);
            sink.onDispose(() -> timer.cancel(false));
        }));
    }
}

package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** Takes a request's body in, within its size and time, and scans it. */
public final class RequestReader {

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
        HttpServerRequest connection = ServerHttpRequestDecorator.getNativeRequest(request);
        return new BodyJoin(connection.receiveObject(), loopOf(request), maxSize, timeout, held)
                .map(bytes -> scan(bytes, connection));
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

    private static RequestBody scan(ByteBuf bytes, HttpServerRequest connection) {
        try {
            if (!bytes.isReadable()) {
                throw new InvalidRequestException(
                        "invalid_json", null, "The request body is empty; send a JSON object.");
            }
            if (brokeOff(connection)) {
                throw new InvalidRequestException("invalid_body", null, "The chunks of the request body are broken.");
            }
            return RequestScanner.scan(bytes);
        } catch (RuntimeException e) {
            bytes.release();
            throw e;
        }
    }

    /** The server answers broken chunks itself, and ends the body there as if it were whole. */
    private static boolean brokeOff(HttpServerRequest connection) {
        return connection instanceof HttpServerResponse answer && answer.hasSentHeaders();
    }

    /** A timer on the connection's own event loop: firing elsewhere it could race with the body and lose its buffer. */
    private static Mono<Long> after(Duration timeout, ServerHttpRequest request) {
        return Mono.create(sink -> {
            Future<?> timer =
                    loopOf(request).schedule(() -> sink.success(0L), timeout.toMillis(), TimeUnit.MILLISECONDS);
            sink.onDispose(() -> timer.cancel(false));
        });
    }

    /** The event loop of the connection that {@code request} came on. */
    public static EventLoop loopOf(ServerHttpRequest request) {
        Connection connection = ServerHttpRequestDecorator.getNativeRequest(request);
        return connection.channel().eventLoop();
    }
}

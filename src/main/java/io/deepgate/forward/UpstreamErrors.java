package io.deepgate.forward;

import io.deepgate.catalog.UpstreamKey;
import io.deepgate.forward.UpstreamTimeoutException.Wait;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;

/** Tells what an upstream's failure is: a refusal, an outage or a wait that was too long. */
final class UpstreamErrors {

    private static final int LONGEST_BODY = 64 * 1024;

    private UpstreamErrors() {}

    /** Reads the body of an answer that is not 200, and fails with what it is. */
    static <T> Mono<T> refused(HttpClientResponse response, ByteBufFlux bytes, UpstreamKey key) {
        int status = response.status().code();
        HttpHeaders headers = response.responseHeaders();
        return text(bytes)
                .flatMap(body -> Mono.error(
                        status >= 400 && status < 500
                                ? new UpstreamRefusedException(
                                        status,
                                        key.maskedIn(body),
                                        headers.get("content-type"),
                                        headers.get("retry-after"))
                                : new UpstreamUnavailableException(
                                        "The upstream answered " + status + ".",
                                        status == 503 ? 503 : 502,
                                        null,
                                        status == 500 || (status >= 502 && status <= 504))));
    }

    /** The body; nothing where it is too long for an error or does not come whole, since the status says enough. */
    private static Mono<String> text(ByteBufFlux bytes) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        return bytes.asByteArray()
                .doOnNext(text::writeBytes)
                .takeUntil(part -> text.size() > LONGEST_BODY)
                .then(Mono.fromSupplier(() -> text.size() > LONGEST_BODY ? "" : text.toString(StandardCharsets.UTF_8)))
                .onErrorReturn("");
    }

    /** What is wrong with the type of a 200, or null if it is what was asked for. */
    static @Nullable UpstreamUnavailableException wrongType(HttpClientResponse response, boolean stream) {
        String wanted = stream ? "text/event-stream" : "application/json";
        String type = response.responseHeaders().get("content-type", "nothing");
        return type.regionMatches(true, 0, wanted, 0, wanted.length())
                ? null
                : new UpstreamUnavailableException(
                        "The upstream answered something other than " + wanted + ".", 502, null);
    }

    /** What a failure of the connection is. */
    static RuntimeException translated(Throwable failure, Duration connectTimeout) {
        return switch (failure) {
            case UpstreamRefusedException refused -> refused;
            case UpstreamUnavailableException unavailable -> unavailable;
            case ConnectTimeoutException _, SslHandshakeTimeoutException _ ->
                new UpstreamTimeoutException(Wait.CONNECT, connectTimeout);
            case ConnectException e -> unavailable("The upstream cannot be connected to.", 503, e);
            case UnknownHostException e -> unavailable("The upstream's name cannot be resolved.", 503, e);
            case PoolAcquireTimeoutException e -> exhausted(e);
            case PoolAcquirePendingLimitException e -> exhausted(e);
            default ->
                unavailable("The connection to the upstream broke before the answer was complete.", 502, failure);
        };
    }

    private static UpstreamUnavailableException unavailable(String message, int status, Throwable cause) {
        return new UpstreamUnavailableException(message, status, cause, true);
    }

    private static UpstreamUnavailableException exhausted(Throwable cause) {
        return new UpstreamUnavailableException("All connections to the upstream are in use.", 503, cause);
    }
}

package io.deepgate.forward;

import io.deepgate.access.Tenant;
import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Route;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;

/**
 * A call that is to be answered by an upstream.
 *
 * @param routes where it may go, the preferred first; at least one
 * @param headers the caller's; few of them go on
 * @param body the caller's bytes, untouched; whoever forwards the call takes them over
 * @param released is told, perhaps more than once, when the body is no longer in memory
 * @param rewrite makes of the body what a route's upstream is sent; to be released by whoever asks
 * @param response the caller's, null if nobody is to see the answer; the upstream's headers that may pass are set before its first byte
 * @param stream whether the caller asked for server-sent events
 * @param loop the caller's connection's, where all of the call happens
 * @param trace what the attempts are traced below
 */
public record Outgoing(
        Tenant tenant,
        List<Route> routes,
        Endpoint endpoint,
        HttpHeaders headers,
        ByteBuf body,
        Runnable released,
        Function<Route, ByteBuf> rewrite,
        @Nullable ServerHttpResponse response,
        boolean stream,
        EventLoop loop,
        Context trace) {}

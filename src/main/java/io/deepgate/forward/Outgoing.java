package io.deepgate.forward;

import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Route;
import io.netty.buffer.ByteBuf;
import org.springframework.http.HttpHeaders;

/**
 * A call as an upstream is to get it.
 *
 * @param tenant the tenant's id
 * @param headers the caller's; few of them go on
 * @param body the rewritten bytes; the answer takes them over
 * @param stream whether the caller asked for server-sent events
 */
public record Outgoing(
        String tenant, Route route, Endpoint endpoint, HttpHeaders headers, ByteBuf body, boolean stream) {}

package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Allocation;
import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Route;
import io.deepgate.forward.AttemptMeters.Result;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;

/** Where nothing collects traces, the trace of an attempt is nothing. */
class AttemptTraceTests {

    @Test
    void costsNoByte() {
        HttpHeaders toUpstream = new DefaultHttpHeaders();
        Route route = Attempt.route(Duration.ofMinutes(1));
        Outgoing call = new Outgoing(
                Attempt.SEARCH,
                List.of(route),
                Endpoint.CHAT,
                new org.springframework.http.HttpHeaders(),
                Unpooled.EMPTY_BUFFER,
                () -> {},
                sent -> Unpooled.EMPTY_BUFFER,
                new MockServerHttpResponse(),
                true,
                new DefaultEventLoop(),
                Context.root());

        long bytes = Allocation.bytesOf(() -> {
            AttemptTrace trace = AttemptTrace.begin(null, call, route);
            trace.toUpstream(toUpstream);
            trace.answered(200);
            trace.end(Result.COMPLETED);
        });

        assertThat(bytes).as("bytes an attempt").isZero();
        assertThat(toUpstream.isEmpty()).isTrue();
    }
}

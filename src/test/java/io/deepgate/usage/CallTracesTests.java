package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Allocation;
import io.deepgate.api.Endpoint;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.opentelemetry.context.Context;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.http.support.Netty4HeadersAdapter;

/** Where nothing collects traces, the trace of a call is nothing. */
class CallTracesTests {

    private final CallTraces untraced = new CallTraces(null);
    private final io.netty.handler.codec.http.HttpHeaders sent = new DefaultHttpHeaders()
            .set("host", "gateway")
            .set("authorization", "Bearer dg-search1-secret")
            .set("content-type", "application/json")
            .set("user-agent", "OpenAI/Python");
    private final HttpHeaders headers = new HttpHeaders(new Netty4HeadersAdapter(sent));

    @Test
    void isOneForAllAndCostsNoByte() {
        AtomicReference<Object> last = new AtomicReference<>();

        long bytes = Allocation.bytesOf(() -> {
            CallTrace trace = untraced.begin(headers, Endpoint.CHAT);
            last.set(trace.context());
            last.set(trace.ids());
            last.set(trace);
        });

        assertThat(bytes).as("bytes a call").isZero();
        assertThat(last.get()).isSameAs(CallTrace.NONE);
        assertThat(CallTrace.NONE.context()).isSameAs(Context.root());
        assertThat(CallTrace.NONE.ids().isValid()).isFalse();
    }

    /** The measure would show it. */
    @Test
    void isAnObjectWhereTheCallerNamesItsTrace() {
        sent.set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

        assertThat(Allocation.bytesOf(() -> untraced.begin(headers, Endpoint.CHAT)))
                .isPositive();
    }
}

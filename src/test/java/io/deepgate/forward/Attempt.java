package io.deepgate.forward;

import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Parameters;
import io.deepgate.catalog.Route;
import io.deepgate.catalog.Upstream;
import io.deepgate.catalog.UpstreamKey;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;

/** An attempt at an upstream that a test plays itself: the answer, and what breakers and meters were told of it. */
public final class Attempt {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CircuitBreaker tenant = CircuitBreaker.ofDefaults("tenant");
    private final CircuitBreaker upstream = CircuitBreaker.ofDefaults("upstream");
    private final Answer answer;

    private Attempt(Flux<ByteBuf> bytes) {
        Route route = route(Duration.ofMinutes(1));
        tenant.tryAcquirePermission();
        upstream.tryAcquirePermission();
        Outgoing call = new Outgoing("search", route, Endpoint.CHAT, new HttpHeaders(), Unpooled.buffer(), true);
        answer = new Answer(
                call,
                new Permit(tenant, upstream),
                new AttemptMeters(registry),
                new CallTimer(route.upstream()),
                bytes);
    }

    /** An attempt that is answered with {@code bytes}. */
    public static Attempt answeredBy(Flux<ByteBuf> bytes) {
        return new Attempt(bytes);
    }

    /** A route to nowhere, whose waits are all of one length. */
    static Route route(Duration wait) {
        Upstream upstream = new Upstream(
                "deepseek",
                URI.create("http://127.0.0.1:1"),
                new UpstreamKey("sk-0123456789"),
                wait,
                wait,
                wait,
                Duration.ZERO,
                false);
        return new Route("fast", "deepseek-flash", upstream, Parameters.PLAIN);
    }

    public Answer answer() {
        return answer;
    }

    /** How the attempt ended, as the meter says it: one label for each end, so never more than one. */
    public List<String> results() {
        return registry.find("gateway.forward.attempts").counters().stream()
                .filter(counter -> counter.count() > 0)
                .map(counter -> counter.getId().getTag("result") + times(counter))
                .toList();
    }

    /** What both breakers were told: {@code success}, {@code failure} or {@code nothing}. */
    public String breakers() {
        return told(tenant).equals(told(upstream)) ? told(tenant) : told(tenant) + " and " + told(upstream);
    }

    private static String times(Counter counter) {
        return counter.count() == 1 ? "" : " " + counter.count() + " times";
    }

    private static String told(CircuitBreaker breaker) {
        CircuitBreaker.Metrics metrics = breaker.getMetrics();
        int calls = metrics.getNumberOfBufferedCalls();
        if (calls > 1) {
            return calls + " calls";
        }
        return calls == 0 ? "nothing" : metrics.getNumberOfFailedCalls() == 1 ? "failure" : "success";
    }
}

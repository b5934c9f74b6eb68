package io.deepgate.forward;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Nowhere;
import io.deepgate.catalog.Parameters;
import io.deepgate.catalog.Route;
import io.deepgate.catalog.Upstream;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.mock.http.server.reactive.MockServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** An attempt at an upstream that a test plays itself: the answer, and what breakers and meters were told of it. */
public final class Attempt {

    static final Tenant SEARCH = new Tenant("search", List.of("*"), Limits.NONE, Budget.NONE, 1, false, false);

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CircuitBreaker tenant = CircuitBreaker.ofDefaults("tenant");
    private final CircuitBreaker upstream = CircuitBreaker.ofDefaults("upstream");
    private final Concurrency concurrency = new Concurrency(
            "deepseek-flash",
            new ConcurrencyLimit(1, 1, 0),
            new ForwardProperties.Queue(0, Duration.ofSeconds(1)),
            System::nanoTime,
            Schedulers.immediate());
    private final ByteBuf body = Unpooled.buffer();
    private final Answer answer;

    private Attempt(Flux<ByteBuf> bytes) {
        Route route = route(Duration.ofMinutes(1));
        tenant.tryAcquirePermission();
        upstream.tryAcquirePermission();
        Outgoing call = new Outgoing(
                SEARCH,
                List.of(route),
                Endpoint.CHAT,
                new HttpHeaders(),
                body,
                () -> {},
                sent -> body.retainedDuplicate(),
                new MockServerHttpResponse(),
                true,
                new DefaultEventLoop(),
                Context.root());
        Slot slot = concurrency.tryAcquire(SEARCH);
        answer = new Answer(
                new Passage(
                        route,
                        route.upstream().keys().current().getFirst(),
                        slot,
                        new Permit(tenant, upstream),
                        AttemptTrace.NONE),
                new Outbox(call),
                new AttemptMeters(registry),
                new Keyring(List::of, Duration.ofMinutes(1), System::nanoTime, registry),
                new CallTimer(route.upstream(), System.nanoTime(), System::nanoTime),
                bytes);
    }

    /** An attempt that is answered with {@code bytes}. */
    public static Attempt answeredBy(Flux<ByteBuf> bytes) {
        return new Attempt(bytes);
    }

    /** A route to nowhere, whose waits are all of one length. */
    static Route route(Duration wait) {
        Upstream upstream = Nowhere.waitedFor(wait, wait, Duration.ZERO);
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

    /** Whether the request's bytes are still held. */
    boolean holdsBytes() {
        return body.refCnt() > 0;
    }

    /** Whether it still has its place among those that the upstream takes at once. */
    boolean holdsSlot() {
        return concurrency.inUse() > 0;
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

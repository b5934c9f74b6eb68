package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawClient;
import io.deepgate.access.ApiKey;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hungry clients before an upstream that takes fewer calls at once than they would make. */
@ExtendWith(Leaks.class)
@Timeout(60)
class AdaptiveConcurrencyTests {

    private static final Logger log = LoggerFactory.getLogger(AdaptiveConcurrencyTests.class);

    private final AtomicBoolean hungry = new AtomicBoolean(true);
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();

    @Test
    void keepsWhatTheUpstreamAllowsUsedAndItsRefusalsFew() throws Exception {
        try (CountingUpstream upstream = new CountingUpstream(25, Duration.ofSeconds(1));
                Gateway gateway = before(upstream, 2500)) {
            try (Closing clients = new Closing()) {
                hungry(gateway, 100, clients.threads);
                Thread.sleep(1000);
                upstream.reset();
                refused.set(0);
                calls.set(0);
                Thread.sleep(6000);
                double used = upstream.used();
                String figures =
                        "%d calls, %d of them ended in 429; the upstream refused %d of %d and was used to %.1f %%"
                                .formatted(
                                        calls.get(),
                                        refused.get(),
                                        upstream.refusals(),
                                        upstream.requests(),
                                        100 * used);
                log.info(figures);
                assertThat(calls.get()).as(figures).isGreaterThan(100);
                assertThat(refused.get()).as(figures).isLessThanOrEqualTo(calls.get() / 50);
                assertThat(upstream.refusals()).as(figures).isLessThanOrEqualTo(upstream.requests() / 50);
                assertThat(used).as(figures).isGreaterThan(0.95);
                assertThat(gauge(gateway, "limit")).isBetween(20.0, 30.0);
            }
            isAtRest(gateway);
            assertThat(upstream.inFlight()).isZero();
        }
    }

    @Test
    void fallsInProportionWhenRefusalsNameNothing() throws Exception {
        try (CountingUpstream upstream = new CountingUpstream(10, Duration.ofMillis(200), false);
                Gateway gateway = before(upstream, 100)) {
            List<Double> limits = new ArrayList<>();
            try (Closing clients = new Closing()) {
                hungry(gateway, 100, clients.threads);
                AtRest.within(Duration.ofSeconds(20), () -> {
                    limits.add(gauge(gateway, "limit"));
                    // Those that were sent before it fell are refused after it.
                    return upstream.refusals() > 0 && limits.getLast() <= 12 && gauge(gateway, "in.use") <= 12;
                });
                upstream.reset();
                AtRest.within(Duration.ofSeconds(20), () -> upstream.requests() > 100);
                assertThat(upstream.refusals())
                        .as("of %d, once the limit has fallen from %s", upstream.requests(), limits)
                        .isLessThan(upstream.requests() / 4);
                assertThat(gauge(gateway, "limit")).isBetween(4.0, 12.0);
            }
            isAtRest(gateway);
        }
    }

    @Test
    void freesThePlaceOfAClientThatLeavesWhileItWaits() throws Exception {
        String body = "{\"model\":\"deepseek-flash\",\"stream\":true,\"messages\":[]}";
        try (CountingUpstream upstream = new CountingUpstream(100, Duration.ofMinutes(1));
                Gateway gateway = before(upstream, 1);
                RawClient served = new RawClient(gateway).chat(Gateway.SEARCH, body)) {
            AtRest.within(Duration.ofSeconds(5), () -> upstream.inFlight() == 1);
            RawClient waiting = new RawClient(gateway).chat(Gateway.MAIL, body);
            AtRest.within(Duration.ofSeconds(5), () -> gauge(gateway, "queued") == 1);

            waiting.close();

            CallRecord call = gateway.record();
            assertThat(call.outcome()).isEqualTo(Outcome.CANCELLED);
            assertThat(call.tenant()).isEqualTo("mail");
            assertThat(call.attempts()).isZero();
            assertThat(call.tokens().total()).isZero();
            assertThat(gauge(gateway, "queued")).isZero();
            served.close();
            gateway.record();
            isAtRest(gateway);
        }
    }

    private static Gateway before(CountingUpstream upstream, int concurrency) {
        return Gateway.inFrontOf(
                upstream.baseUrl(),
                "gateway.forward.retries.most=2",
                "gateway.forward.queue.timeout=30s",
                "gateway.catalog.upstreams.deepseek.concurrency.deepseek-flash=" + concurrency);
    }

    /** Clients that call again as soon as they are answered. */
    private void hungry(Gateway gateway, int count, ExecutorService clients) {
        for (int i = 0; i < count; i++) {
            clients.execute(() -> {
                while (hungry.get()) {
                    int status = chat(gateway, Gateway.SEARCH);
                    calls.incrementAndGet();
                    if (status == 429) {
                        refused.incrementAndGet();
                    }
                }
            });
        }
    }

    /** Threads whose clients are hungry no longer once it is closed. */
    private final class Closing implements AutoCloseable {

        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

        @Override
        public void close() {
            hungry.set(false);
            threads.close();
        }
    }

    private static int chat(Gateway gateway, ApiKey key) {
        return gateway.send(gateway.request("/chat/completions", key)
                        .POST(BodyPublishers.ofString("{\"model\":\"deepseek-flash\",\"messages\":[]}"))
                        .build())
                .statusCode();
    }

    private static void isAtRest(Gateway gateway) {
        AtRest.within(Duration.ofSeconds(5), () -> gauge(gateway, "in.use") == 0 && gauge(gateway, "queued") == 0);
    }

    private static double gauge(Gateway gateway, String name) {
        return gateway.concurrency(name, "deepseek-flash");
    }
}

package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the limiter holds against a budget and what the ledger has are the same money, however calls have ended. */
@ExtendWith(PostgresServer.class)
@Timeout(120)
class SpendTests {

    private static final int CALLERS = 8;
    private static final int CALLS = 15;
    private static final String UNPRICED = "unpriced";

    private static final String TENANTS =
            """
            tenants:
              - { id: search, keys: [{ id: %s, sha256: %s }], budget: { usd-per-month: 1 } }
              - { id: mail, keys: [{ id: %s, sha256: %s }], budget: { usd-per-month: 1 } }
            """.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex(), Gateway.MAIL.id(), Gateway.MAIL.sha256Hex());

    @RegisterExtension
    private final RedisServer redis = new RedisServer();

    @ParameterizedTest
    @ValueSource(strings = {"memory", "redis"})
    void agreesToTheNanodollarInLimiterAndLedger(String store) throws Exception {
        redis.start();
        try (Sandbox sandbox = Sandbox.start(
                        new SandboxProperties(0, Duration.ZERO, 2000, Duration.ofMillis(20), "sk-sandbox"));
                Gateway gateway = Gateway.with(
                        TENANTS,
                        sandbox.baseUrl(),
                        "gateway.admission.store=" + store,
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + redis.port(),
                        "spring.datasource.url=" + PostgresServer.newDatabase(),
                        "gateway.catalog.aliases.unpriced.slug=deepseek-v4-flash",
                        "gateway.forward.retries.most=2",
                        "gateway.forward.retries.backoff=5ms",
                        "gateway.forward.retries.least-per-minute=1000",
                        "gateway.catalog.upstreams.deepseek.first-content-timeout=300ms",
                        "gateway.catalog.upstreams.deepseek.idle-timeout=300ms",
                        "resilience4j.circuitbreaker.configs.default.wait-duration-in-open-state=10ms",
                        "resilience4j.circuitbreaker.configs.tenant.wait-duration-in-open-state=10ms");
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                int number = caller;
                all.add(callers.submit(() -> call(gateway.port(), number)));
            }
            for (Future<?> one : all) {
                one.get();
            }

            List<CallRecord> records = new ArrayList<>();
            for (int i = 0; i < CALLERS * CALLS; i++) {
                records.add(gateway.record());
            }
            AtRest.assertThatHolds(gateway);
            AtRest.assertThatSpendAgrees(gateway, "search", cost(records, "search"));
            AtRest.assertThatSpendAgrees(gateway, "mail", cost(records, "mail"));
            assertThat(records.stream().map(CallRecord::outcome).collect(Collectors.toSet()))
                    .contains(Outcome.COMPLETED, Outcome.CANCELLED, Outcome.REFUSED, Outcome.FAILED, Outcome.TIMED_OUT);
            assertThat(records).anyMatch(call -> call.attempts() > 1).anyMatch(call -> call.cost() == null);
        }
    }

    private static void call(int port, int caller) {
        ApiKey key = caller % 2 == 0 ? Gateway.SEARCH : Gateway.MAIL;
        Random random = new Random(caller);
        for (int i = 0; i < CALLS; i++) {
            ChaosCall any = ChaosCall.any(key, random);
            String model = i % 5 == 0 ? UNPRICED : any.model();
            new ChaosCall(key, any.asked(), model, any.stream(), any.directive(), any.patience()).make(port, 20_000);
        }
    }

    private static long cost(List<CallRecord> records, String tenant) {
        return records.stream()
                .filter(call -> call.tenant().equals(tenant) && call.cost() != null)
                .mapToLong(CallRecord::cost)
                .sum();
    }
}

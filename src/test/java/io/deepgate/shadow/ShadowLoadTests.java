package io.deepgate.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A slow candidate that is asked one call at a time, of many more that are sampled. */
class ShadowLoadTests {

    private static final String TENANTS =
            "tenants: [{ id: search, shadow-calls: true, keys: [{ id: %s, sha256: %s }] }]"
                    .formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex());

    /** In pairs: a call whose shadow is too many, and one that has none. */
    @Test
    void dropsWhatIsTooMuchAndCostsTheRealCallsNothingToSpeakOf() {
        try (Sandbox sandbox = sandbox();
                Gateway gateway = gateway(sandbox)) {
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                double ratio = (double) nanos(gateway, "fast") / nanos(gateway, "plain");
                if (i >= 20) {
                    ratios.add(ratio);
                }
            }

            double[] sorted =
                    ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            assertThat(sorted[sorted.length / 2]).as(Arrays.toString(sorted)).isLessThan(1.5);
            assertThat(count(gateway, "dropped")).isPositive();
            assertThat(gauge(gateway, "queued")).isLessThanOrEqualTo(1);
            assertThat(gauge(gateway, "in.flight")).isLessThanOrEqualTo(1);
            AtRest.every(
                    Duration.ofMillis(20),
                    Duration.ofSeconds(20),
                    () -> count(gateway, "dropped") + count(gateway, "calls") == 80 && gauge(gateway, "bodies") == 0);
        }
    }

    @Test
    void dropsWhatComesWhileCallsWait() {
        try (Sandbox sandbox = sandbox();
                Gateway gateway = gateway(sandbox, "gateway.catalog.upstreams.deepseek.concurrency.deepseek-flash=1")) {
            CompletableFuture<String> first = CompletableFuture.supplyAsync(
                    () -> gateway.chat(body("plain", "[[delay 500ms]]")).body());
            AtRest.every(
                    Duration.ofMillis(5),
                    Duration.ofSeconds(20),
                    () -> gateway.concurrency("in.use", "deepseek-flash") == 1);

            assertThat(gateway.chat(body("fast", "Hi [[tokens 3]]")).statusCode())
                    .isEqualTo(200);

            assertThat(first.join()).contains("choices");
            AtRest.assertThatHasNoOpenCall(gateway);
            assertThat(gateway.meters()
                            .get("gateway.shadow.dropped")
                            .tags("alias", "fast", "reason", "load")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(count(gateway, "calls")).isZero();
        }
    }

    @Test
    void endsWithTheProcessWhichDoesNotWaitForIt() {
        try (Sandbox sandbox = sandbox()) {
            long start;
            try (Gateway gateway = gateway(sandbox, "gateway.watch.drain-timeout=60s")) {
                gateway.chat(body("fast", "Hi [[tokens 3]]"));
                start = System.nanoTime();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
        }
    }

    private static long nanos(Gateway gateway, String alias) {
        long start = System.nanoTime();
        assertThat(gateway.chat(body(alias, "Hi [[tokens 3]]")).body()).contains("\"model\":\"deepseek-flash\"");
        return System.nanoTime() - start;
    }

    private static String body(String alias, String said) {
        return "{\"model\":\"" + alias + "\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":\"" + said
                + "\"}]}";
    }

    private static Sandbox sandbox() {
        return Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
    }

    private static Gateway gateway(Sandbox sandbox, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "gateway.shadow.concurrency=1",
                "gateway.shadow.queue=1",
                "gateway.catalog.aliases.plain.slug=deepseek-flash",
                "gateway.catalog.aliases.fast.slug=deepseek-flash",
                "gateway.catalog.aliases.fast.candidate.slug=sandbox-slow",
                "gateway.catalog.aliases.fast.candidate.shadow.share=100",
                "gateway.catalog.aliases.fast.candidate.shadow.tokens-per-day=1000000"));
        all.addAll(List.of(more));
        return Gateway.with(TENANTS, sandbox.baseUrl(), all.toArray(String[]::new));
    }

    private static double count(Gateway gateway, String name) {
        return gateway.meters().find("gateway.shadow." + name).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static double gauge(Gateway gateway, String name) {
        return gateway.meters().get("gateway.shadow." + name).gauge().value();
    }
}

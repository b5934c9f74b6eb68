package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.RedisServer;
import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Every query of the dashboards, asked of a real Prometheus that watches a gateway with mixed traffic. */
class DashboardsTests {

    private static final String TENANTS = """
            tenants:
              - { id: search, keys: [{ id: %s, sha256: %s }], limits: { requests-per-minute: %d }, budget: { usd-per-day: 5 } }
              - { id: mail, keys: [{ id: %s, sha256: %s }], budget: { usd-per-day: %s } }
            """;

    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"[^\"]*\"");

    @RegisterExtension
    private final RedisServer redis = new RedisServer();

    @TempDir
    private Path folder;

    @Test
    void haveDataInEveryPanel() throws Exception {
        PrometheusServer.require();
        redis.start();
        try (Sandbox sandbox = sandbox(Duration.ZERO, 100_000);
                Gateway gateway = gateway(sandbox, 40, "0.02");
                PrometheusServer prometheus = PrometheusServer.watching(gateway, folder)) {
            AtRest.every(Duration.ofMillis(200), Duration.ofSeconds(30), () -> {
                traffic(gateway);
                return prometheus.answers("count(up == 1)") == 1;
            });
            List<String> silent = new ArrayList<>();
            for (String name : Board.NAMES) {
                silent.addAll(Board.read(name).queries());
            }
            assertThat(silent).hasSizeGreaterThan(35);
            AtRest.every(Duration.ofMillis(500), Duration.ofSeconds(30), () -> {
                traffic(gateway);
                silent.removeIf(query -> prometheus.answers(Board.filled(query, "1m")) > 0);
                return silent.isEmpty();
            });
            hasEveryMeter(gateway.prometheus());
            redis.kill();
            AtRest.every(Duration.ofMillis(500), Duration.ofSeconds(15), () -> {
                traffic(gateway);
                return prometheus.answers(
                                "gateway_admission_fallback == 1 and gateway_admission_redis_breaker_open == 1")
                        == 1;
            });
        }
    }

    /** What operators may rely on: names, labels, and how far the buckets reach. */
    private static void hasEveryMeter(String scrape) {
        for (String series : List.of(
                "gen_ai_server_request_duration_seconds_bucket model,tenant,le 0.01 600.0",
                "gen_ai_server_time_to_first_token_seconds_bucket model,tenant,le 0.01 600.0",
                "gen_ai_server_time_per_output_token_seconds_bucket model,tenant,le 0.001 2.0",
                "gateway_call_overhead_seconds_bucket model,tenant,le 1.0E-4 0.25",
                "gateway_usage_tokens_total kind,model,tenant",
                "gateway_usage_reasoning_tokens_total model,tenant",
                "gateway_usage_cost_total model,tenant",
                "gateway_usage_calls_total model,outcome,status,tenant",
                "gateway_usage_estimated_total model,tenant",
                "gateway_usage_journal_pending ",
                "gateway_usage_journal_bytes ",
                "gateway_admission_rejected_total limit,tenant",
                "gateway_admission_in_flight tenant",
                "gateway_admission_drift_tokens_sum claimed,tenant",
                "gateway_admission_fallback ",
                "gateway_admission_redis_duration_seconds_bucket result,le 2.5E-4 0.25",
                "gateway_admission_budget_used budget,tenant",
                "gateway_forward_attempts_total model,result,upstream",
                "gateway_forward_concurrency_limit model,upstream",
                "gateway_forward_concurrency_in_use model,upstream",
                "gateway_forward_concurrency_queued model,upstream",
                "resilience4j_circuitbreaker_state name,state")) {
            String[] wanted = series.split(" ");
            List<String> found = scrape.lines()
                    .filter(line -> line.matches(wanted[0] + "[{ ].*"))
                    .toList();
            assertThat(found).as(series).isNotEmpty();
            assertThat(found)
                    .extracting(DashboardsTests::labels)
                    .as(series)
                    .containsOnly(wanted.length > 1 ? wanted[1] : "");
            for (int at = 2; at < wanted.length; at++) {
                String bound = "le=\"" + wanted[at] + "\"";
                assertThat(found).as(series).anyMatch(line -> line.contains(bound));
            }
        }
    }

    private static String labels(String line) {
        return LABEL.matcher(line).results().map(label -> label.group(1)).collect(Collectors.joining(","));
    }

    /** Draws what is in the README: {@code mvn test -Dtest=DashboardsTests -Dpictures=true}, three minutes. */
    @Test
    @Timeout(300)
    @EnabledIfSystemProperty(named = "pictures", matches = "true")
    void haveTheirPicturesTaken() throws Exception {
        PrometheusServer.require();
        redis.start();
        try (Sandbox sandbox = sandbox(Duration.ofMillis(250), 90);
                Gateway gateway = gateway(sandbox, 150, "0.1");
                PrometheusServer prometheus = PrometheusServer.watching(gateway, folder);
                Browser browser = Browser.start()) {
            long start = System.currentTimeMillis() / 1000;
            callFor(Duration.ofSeconds(75), gateway);
            redis.kill();
            callFor(Duration.ofSeconds(20), gateway);
            redis.start();
            callFor(Duration.ofSeconds(55), gateway);
            for (String name : Board.NAMES) {
                byte[] picture = BoardPicture.of(Board.read(name), prometheus, browser, start, start + 150);
                assertThat(picture.length).isLessThan(300_000);
                Files.write(Path.of("config", "grafana", name + ".png"), picture);
            }
        }
    }

    private static Sandbox sandbox(Duration first, int tokensPerSecond) {
        return Sandbox.start(new SandboxProperties(0, first, tokensPerSecond, Duration.ofMillis(50), "sk-sandbox"));
    }

    private Gateway gateway(Sandbox sandbox, int requestsPerMinute, String dollars) {
        String tenants = TENANTS.formatted(
                Gateway.SEARCH.id(),
                Gateway.SEARCH.sha256Hex(),
                requestsPerMinute,
                Gateway.MAIL.id(),
                Gateway.MAIL.sha256Hex(),
                dollars);
        return Gateway.with(
                tenants,
                sandbox.baseUrl(),
                "gateway.admission.store=redis",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + redis.port());
    }

    private static void traffic(Gateway gateway) {
        for (String said : List.of("Hello", "Hello", "[[status 503]]", "[[no usage]]")) {
            call(gateway, Gateway.SEARCH, "deepseek-flash", said);
        }
    }

    /** Calls as a few programs make them, each after the answer to the one before, or the time that a refusal gives. */
    private static void callFor(Duration time, Gateway gateway) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        List<Thread> programs = new ArrayList<>();
        for (int program = 0; program < 6; program++) {
            ApiKey key = program % 2 == 0 ? Gateway.SEARCH : Gateway.MAIL;
            String model = program < 4 ? "deepseek-flash" : "deepseek-v4-pro";
            programs.add(Thread.ofVirtual().start(() -> {
                while (System.nanoTime() < end) {
                    int chance = ThreadLocalRandom.current().nextInt(100);
                    String fault = chance < 3 ? "[[status 503]] " : chance < 6 ? "[[no usage]] " : "";
                    long millis = call(
                            gateway,
                            key,
                            model,
                            fault + "[[tokens " + (20 + chance) + "]] The same question as before");
                    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
                }
            }));
        }
        for (Thread program : programs) {
            program.join();
        }
    }

    /** Returns the milliseconds after which the answer says to try again. */
    private static long call(Gateway gateway, ApiKey key, String model, String said) {
        HttpRequest request = gateway.request("/chat/completions", key)
                .POST(BodyPublishers.ofString(
                        "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
                                + said + " " + Overheard.CANARY + "\"}]}"))
                .build();
        return gateway.send(request)
                .headers()
                .firstValueAsLong("retry-after-ms")
                .orElse(0);
    }
}

package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.catalog.Canary;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A whole gateway before the sandbox, whose models differ on purpose. */
class RolloutTests {

    private static final int AT_ONCE = 10;

    private static Sandbox sandbox;
    private static Gateway gateway;
    private static HttpClient client;

    @BeforeAll
    static void starts() {
        sandbox = Sandbox.start(
                new SandboxProperties(0, Duration.ofMillis(1), 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        List<String> properties = new ArrayList<>(price("deepseek-flash", 1));
        properties.add("gateway.catalog.upstreams.deepseek.idle-timeout=5s");
        for (String manner : List.of("same", "slow", "dear", "failing", "truncating")) {
            String alias = "gateway.catalog.aliases." + manner;
            properties.add(alias + ".slug=deepseek-flash");
            properties.add(alias + ".candidate.slug=sandbox-" + manner);
            properties.add(alias + ".candidate.share=50");
            properties.add(alias + ".candidate.guard.calls=100");
            // Lower than it comes, for fewer calls.
            properties.add(alias + ".candidate.guard.confidence=" + (manner.equals("same") ? 0.999 : 0.99));
            properties.add(alias + ".candidate.guard.errors=" + (manner.equals("same") ? 0.005 : 0));
            properties.add(alias + ".candidate.guard.first-token=1.1");
            properties.addAll(price("sandbox-" + manner, manner.equals("dear") ? 3 : 1));
        }
        gateway = Gateway.inFrontOf(sandbox.baseUrl(), properties.toArray(String[]::new));
        client = HttpClient.newHttpClient();
    }

    private static List<String> price(String slug, int dollars) {
        String row = "gateway.catalog.prices." + slug + "[0].";
        return List.of(
                row + "from=2026-01-01T00:00:00Z",
                row + "input-cached=" + dollars,
                row + "input-uncached=" + dollars,
                row + "output=" + dollars);
    }

    @AfterAll
    static void ends() {
        client.close();
        gateway.close();
        sandbox.close();
    }

    @ParameterizedTest
    @CsvSource({
        "truncating, of its answers are cut off, 1000",
        "dear, a call costs, 600",
        "failing, of its calls fail, 4000"
    })
    void stopsACandidateThatIsWorseAndNoCallerNotices(String alias, String reason, int within) {
        Canary canary = gateway.bean(LiveCatalog.class).current().canaries().get(alias);

        List<Integer> answers = new ArrayList<>();
        for (int calls = 0; calls < within && !canary.stopped(); calls += 50) {
            answers.addAll(calls(alias, calls, 50));
            gateway.bean(Rollouts.class).look();
        }

        assertThat(canary.reason()).as("after %s calls", answers.size()).contains(reason);
        assertThat(answers).containsOnly(200);
        assertThat(gateway.prometheus())
                .contains(
                        "gateway_usage_candidate_stopped{alias=\"" + alias + "\"} 1.0",
                        "gateway_usage_candidate_share{alias=\"" + alias + "\"} 0.0",
                        "gateway_usage_variant_calls_total{alias=\"" + alias
                                + "\",result=\"completed\",variant=\"stable\"}",
                        "gateway_usage_variant_calls_total{alias=\"" + alias
                                + "\",result=\"completed\",variant=\"candidate\"}");
        double before = completed(alias, "candidate");
        assertThat(calls(alias, 0, 40)).containsOnly(200);
        assertThat(completed(alias, "candidate")).as("none goes there any more").isEqualTo(before);
    }

    /** On a machine that does other things, first tokens are late at either. */
    @Test
    @Tag("speed")
    void stopsACandidateThatIsSlower() {
        stopsACandidateThatIsWorseAndNoCallerNotices("slow", "its first tokens come after", 2000);
    }

    @Test
    void leavesACandidateThatIsNotWorse() {
        Canary canary = gateway.bean(LiveCatalog.class).current().canaries().get("same");

        for (int calls = 0; calls < 240; calls += 120) {
            assertThat(calls("same", calls, 120)).containsOnly(200);
            gateway.bean(Rollouts.class).look();
        }

        assertThat(canary.reason()).isNull();
        assertThat(completed("same", "candidate")).isBetween(100.0, 150.0);
        AtRest.every(
                Duration.ofMillis(50),
                Duration.ofSeconds(10),
                () -> JdbcClient.create(gateway.bean(DataSource.class))
                                .sql("SELECT COUNT(*) FROM call WHERE alias = 'same' AND variant = 'candidate'"
                                        + " AND slug = 'sandbox-same' AND finish = 'stop' AND NOT failed_over")
                                .query(Long.class)
                                .single()
                        == completed("same", "candidate"));
    }

    private static double completed(String alias, String variant) {
        AtRest.assertThatHasNoOpenCall(gateway);
        return gateway.meters()
                .get("gateway.usage.variant.calls")
                .tags("alias", alias, "variant", variant, "result", "completed")
                .counter()
                .count();
    }

    /** The statuses of calls, each of a user of its own, some at once. */
    private static List<Integer> calls(String alias, int from, int count) {
        ConcurrentLinkedQueue<Integer> answers = new ConcurrentLinkedQueue<>();
        Semaphore free = new Semaphore(AT_ONCE);
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (int user = from; user < from + count; user++) {
            free.acquireUninterruptibly();
            calls.add(client.sendAsync(
                            gateway.request("/chat/completions", Gateway.SEARCH)
                                    .POST(BodyPublishers.ofString(
                                            ("{\"model\":\"%s\",\"stream\":%s,\"user\":\"u%s\",\"thinking\":{\"type\":\"disabled\"},"
                                                            + "\"messages\":[{\"role\":\"user\",\"content\":\""
                                                            + Overheard.CANARY + " [[tokens 3]]\"}]}")
                                                    .formatted(alias, alias.equals("slow"), user)))
                                    .build(),
                            BodyHandlers.discarding())
                    .thenApply(HttpResponse::statusCode)
                    .thenAccept(answers::add)
                    .whenComplete((done, failure) -> free.release()));
        }
        calls.forEach(CompletableFuture::join);
        return List.copyOf(answers);
    }
}

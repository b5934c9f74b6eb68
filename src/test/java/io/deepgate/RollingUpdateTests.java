package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas behind a balancer are replaced, one after another, while OpenAI's SDK streams through it as it comes. */
@Timeout(180)
class RollingUpdateTests {

    private static final int CALLERS = 8;
    private static final int UPDATES = 3;

    @TempDir
    private Path folder;

    private final AtomicInteger begun = new AtomicInteger();
    private volatile boolean over;

    @Test
    void failsNoCallAndCutsNoStream() throws Exception {
        Deque<GatewayProcess> replicas = new ArrayDeque<>();
        List<GatewayProcess> all = new ArrayList<>();
        try (Sandbox sandbox = Sandbox.start(
                        new SandboxProperties(0, Duration.ZERO, 50, Duration.ofMillis(50), "sk-sandbox"));
                Balancer balancer = new Balancer();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                HttpClient http = HttpClient.newHttpClient();
                AutoCloseable calling = () -> over = true) {
            for (int i = 0; i < 2; i++) {
                replicas.add(start(sandbox, all));
                balancer.add(replicas.getLast().port());
            }
            OpenAIClient client = OpenAIOkHttpClient.builder()
                    .baseUrl("http://127.0.0.1:" + balancer.port() + "/v1")
                    .apiKey(Gateway.SEARCH.value())
                    .build();
            List<Future<List<Boolean>>> seen = IntStream.range(0, CALLERS)
                    .mapToObj(i -> callers.submit(() -> streamAndAgain(client)))
                    .toList();
            for (int update = 0; update < UPDATES; update++) {
                GatewayProcess next = start(sandbox, all);
                int before = begun.get();
                AtRest.within(Duration.ofSeconds(30), () -> begun.get() > before + CALLERS);
                balancer.add(next.port());
                GatewayProcess old = replicas.remove();
                replicas.add(next);

                old.terminate();
                AtRest.within(Duration.ofSeconds(10), () -> !isReady(http, old));
                balancer.remove(old.port());
                assertThat(old.exitCode(Duration.ofSeconds(40)))
                        .as(old.output())
                        .isZero();
                assertThat(old.output())
                        .containsPattern("Draining: [1-9]\\d* calls in flight")
                        .contains(" calls ended, 0 were cut")
                        .as("H2 closes the ledger after the gateway")
                        .doesNotContain("connection is dead");
            }
            calling.close();
            List<Boolean> calls = new ArrayList<>();
            for (Future<List<Boolean>> caller : seen) {
                calls.addAll(caller.get());
            }
            client.close();

            assertThat(calls)
                    .as("streams that were whole")
                    .hasSizeGreaterThan(UPDATES * CALLERS)
                    .doesNotContain(false);
            assertThat(all.stream().flatMap(replica -> replica.calls().stream()))
                    .extracting(call -> call.path("outcome").asString("") + " "
                            + call.at("/error/code").asString(""))
                    .isSubsetOf("COMPLETED ", "REJECTED draining");
        } finally {
            all.forEach(GatewayProcess::close);
        }
    }

    private GatewayProcess start(Sandbox sandbox, List<GatewayProcess> all) throws IOException {
        Path own = Files.createDirectory(folder.resolve("replica-" + all.size()));
        GatewayProcess started = GatewayProcess.inFrontOf(
                sandbox.baseUrl(),
                own,
                List.of("-XX:TieredStopAtLevel=1"),
                "gateway.watch.drain-timeout=25s",
                "logging.level.com.zaxxer.hikari.pool=debug",
                "spring.reactor.netty.shutdown-quiet-period=0ms");
        all.add(started);
        return started;
    }

    /** For each stream, whether it had an end. The SDK tries again what it does by default; what it gives up fails. */
    private List<Boolean> streamAndAgain(OpenAIClient client) {
        List<Boolean> whole = new ArrayList<>();
        while (!over) {
            try (var stream = client.chat()
                    .completions()
                    .createStreaming(ChatCompletionCreateParams.builder()
                            .model("deepseek-flash")
                            .addUserMessage("[[tokens 60]]")
                            .build())) {
                begun.incrementAndGet();
                whole.add(stream.stream()
                                .flatMap(chunk -> chunk.choices().stream())
                                .filter(choice -> choice.finishReason().isPresent())
                                .count()
                        == 1);
            }
        }
        return whole;
    }

    private static boolean isReady(HttpClient http, GatewayProcess gateway) throws InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/readiness");
        try {
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }
}

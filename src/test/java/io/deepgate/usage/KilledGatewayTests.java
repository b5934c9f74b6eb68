package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.GatewayProcess;
import io.deepgate.PostgresServer;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A whole gateway is killed, with SIGKILL, at a moment nobody chose. */
@ExtendWith(PostgresServer.class)
@Timeout(3600)
class KilledGatewayTests {

    /** More of them: {@code -Dgateway.test.rounds=50}. */
    private static final int ROUNDS = Integer.getInteger("gateway.test.rounds", 1);

    private static final int CALLERS = 8;

    @TempDir
    private Path folder;

    @Test
    void keepsEveryCallThatEndedExactlyOnce() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String database = PostgresServer.newDatabase();
        Set<String> ended = ConcurrentHashMap.newKeySet();
        try (Sandbox sandbox = Sandbox.start(
                        new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofSeconds(1), "sk-sandbox"));
                Ledgers ledgers = new Ledgers(database);
                HttpClient client = HttpClient.newHttpClient()) {
            for (int round = 0; round < ROUNDS; round++) {
                GatewayProcess gateway = start(sandbox.baseUrl(), database);
                List<Thread> callers = Stream.generate(
                                () -> Thread.ofVirtual().start(() -> call(client, gateway.port())))
                        .limit(CALLERS)
                        .toList();
                AtRest.within(Duration.ofSeconds(30), () -> gateway.calls().size() > 20 + random.nextInt(200));
                ProcessHandle.of(gateway.pid()).orElseThrow().destroyForcibly();
                gateway.exitCode(Duration.ofSeconds(10));
                for (Thread caller : callers) {
                    caller.join();
                }
                // Its log has a call only after its journal does.
                gateway.calls()
                        .forEach(line -> ended.add(line.at("/http/request/id").asString()));
            }
            GatewayProcess last = start(sandbox.baseUrl(), database);
            AtRest.within(Duration.ofSeconds(30), () -> ledgers.requestIds().containsAll(ended));
            last.terminate();
            last.exitCode(Duration.ofSeconds(30));

            assertThat(ended).as("seed %s", seed).hasSizeGreaterThan(20);
            assertThat(ledgers.requestIds()).containsAll(ended).doesNotHaveDuplicates();
            assertThat(ledgers.disagreements()).isEmpty();
        }
    }

    private GatewayProcess start(URI upstream, String database) throws IOException {
        return GatewayProcess.inFrontOf(
                upstream,
                folder,
                List.of("-XX:TieredStopAtLevel=1"),
                "spring.datasource.url=" + database,
                "logging.structured.format.console=ecs");
    }

    /** Calls until there is nobody to answer. */
    private static void call(HttpClient client, int port) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("authorization", "Bearer " + Gateway.SEARCH.value())
                .header("content-type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .POST(
                        BodyPublishers.ofString(
                                "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"[[tokens 5]]\"}]}"))
                .build();
        try {
            while (true) {
                client.send(request, BodyHandlers.ofString());
            }
        } catch (IOException | InterruptedException e) {
            // Killed.
        }
    }
}

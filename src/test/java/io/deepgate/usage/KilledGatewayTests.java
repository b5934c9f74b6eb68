package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.GatewayProcess;
import io.deepgate.PostgresServer;
import io.deepgate.sandbox.Sandbox;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    @TempDir
    private Path folder;

    @Test
    void keepsEveryCallThatEndedExactlyOnce() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        String database = PostgresServer.newDatabase();
        Set<String> ended = ConcurrentHashMap.newKeySet();
        try (Sandbox sandbox = Callers.answerer();
                Ledgers ledgers = new Ledgers(database)) {
            for (int round = 0; round < ROUNDS; round++) {
                GatewayProcess gateway = start(sandbox.baseUrl(), database);
                try (Callers callers = new Callers(gateway.port())) {
                    int calls = 20 + random.nextInt(200);
                    AtRest.within(Duration.ofSeconds(30), () -> gateway.calls().size() > calls);
                    ProcessHandle.of(gateway.pid()).orElseThrow().destroyForcibly();
                    gateway.exitCode(Duration.ofSeconds(10));
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
}

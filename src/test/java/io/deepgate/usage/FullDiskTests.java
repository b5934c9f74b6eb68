package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.GatewayProcess;
import io.deepgate.PostgresServer;
import io.deepgate.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole gateway whose journal cannot grow, as on a full disk: the kernel takes a part of a line and then nothing. That
 * is done with the process's limit on the size of files, which can be changed while it runs.
 */
@ExtendWith(PostgresServer.class)
@EnabledOnOs(OS.LINUX)
class FullDiskTests {

    private static final Duration MOST = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void keepsEveryCallExactlyOnceWhileTheDiskIsFullAndTheDatabaseDown() throws Exception {
        String database = PostgresServer.newDatabase();
        try (Sandbox sandbox = Callers.answerer();
                Ledgers ledgers = new Ledgers(database);
                GatewayProcess gateway = GatewayProcess.inFrontOf(
                        sandbox.baseUrl(),
                        folder,
                        List.of("-XX:TieredStopAtLevel=1"),
                        "spring.datasource.url=" + database,
                        "logging.structured.format.console=ecs")) {
            PostgresServer.kill();
            try (Callers callers = new Callers(gateway.port())) {
                waitForMoreCalls(gateway);
                limitFiles(gateway, Long.toString(journalSize() + 100));
                AtRest.within(MOST, () -> gateway.says("The journal is full or its disk is"));
                waitForMoreCalls(gateway);
                limitFiles(gateway, "unlimited");
                AtRest.within(MOST, () -> gateway.says("The journal has room again; 0 calls"));
                waitForMoreCalls(gateway);
            }
            PostgresServer.start();
            AtRest.within(MOST, () -> ledgers.calls() >= gateway.calls().size());
            gateway.terminate();
            gateway.exitCode(MOST);

            List<String> ended = gateway.calls().stream()
                    .map(call -> call.at("/http/request/id").asString())
                    .sorted()
                    .toList();
            assertThat(ledgers.requestIds()).containsExactlyElementsOf(ended);
            assertThat(ledgers.disagreements()).isEmpty();
        }
    }

    private static void waitForMoreCalls(GatewayProcess gateway) {
        int before = gateway.calls().size();
        AtRest.within(MOST, () -> gateway.calls().size() > before + 100);
    }

    private long journalSize() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".journal"))
                    .mapToLong(file -> file.toFile().length())
                    .max()
                    .orElseThrow();
        }
    }

    private static void limitFiles(GatewayProcess gateway, String bytes) throws Exception {
        int result = new ProcessBuilder(
                        "prlimit", "--pid", Long.toString(gateway.pid()), "--fsize=" + bytes + ":unlimited")
                .inheritIO()
                .start()
                .waitFor();
        assertThat(result).isZero();
    }
}

package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.DeepgateApplication;
import io.deepgate.GatewayProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A gateway that cannot start says why in one message, and ends. */
@ExtendWith(OutputCaptureExtension.class)
class StartupTests {

    @TempDir
    private Path folder;

    private Path tenants;

    @BeforeEach
    void writesTenants() throws Exception {
        tenants = folder.resolve("tenants.yaml");
        Files.writeString(
                tenants, "tenants: [{ id: search, keys: [{ id: k1, sha256: %s }] }]".formatted("0".repeat(64)));
    }

    @Test
    void endsWithoutAnUpstreamKey() throws Exception {
        GatewayProcess process = GatewayProcess.start(folder, "--gateway.access.tenants-file=" + tenants);

        assertThat(process.exitCode(Duration.ofSeconds(60)))
                .as(process.output())
                .isEqualTo(1);
        assertThat(process.output())
                .contains("Deepgate does not start.")
                .contains("There is no key for the upstream 'deepseek': set DEEPSEEK_API_KEY")
                .contains("--spring.profiles.active=sandbox")
                .doesNotContain("\tat ", "Exception", "WARN");
    }

    @Test
    void runsCommandsAsAProcess() throws Exception {
        GatewayProcess process = GatewayProcess.start(folder, "config", "check");

        assertThat(process.exitCode(Duration.ofSeconds(60)))
                .as(process.output())
                .isEqualTo(1);
        assertThat(process.output().lines())
                .hasSize(3)
                .anyMatch(line -> line.startsWith("error: config/tenants.yaml: there is no such file."))
                .anyMatch(line -> line.startsWith("error: There is no key for the upstream 'deepseek'"))
                .endsWith("The gateway would not start.");
    }

    @Test
    void namesATenantsFileThatIsWrong(CapturedOutput output) throws Exception {
        Files.writeString(tenants, "tenants: [{ id: Search }]");

        fails("--gateway.catalog.upstreams.deepseek.api-key=sk-secret-0123456789");

        assertThat(output)
                .contains("Deepgate does not start.")
                .contains(tenants + ":1: tenant id 'Search': write lower-case letters")
                .contains("config check")
                .doesNotContain("\tat ", "sk-secret");
    }

    @Test
    void namesAPropertyThatIsWrong(CapturedOutput output) {
        fails(
                "--gateway.catalog.upstreams.deepseek.base-url=x",
                "--gateway.catalog.upstreams.deepseek.api-key=sk-secret-0123456789");

        assertThat(output)
                .contains("Deepgate does not start.")
                .contains("gateway.catalog.upstreams.deepseek.base-url is 'x': write one that starts with https://")
                .doesNotContain("\tat ", "sk-secret");
    }

    private void fails(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.config.location=classpath:/application.yaml",
                "--gateway.access.tenants-file=" + tenants));
        args.addAll(List.of(more));

        assertThatThrownBy(() -> SpringApplication.run(DeepgateApplication.class, args.toArray(String[]::new)));
    }
}

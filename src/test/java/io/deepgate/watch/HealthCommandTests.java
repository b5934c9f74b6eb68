package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.DeepgateApplication;
import io.deepgate.Gateway;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What containers and {@code helm test} ask a running gateway. */
@ExtendWith(OutputCaptureExtension.class)
class HealthCommandTests {

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 1000, Duration.ofMillis(50), "sk-sandbox"));
        gateway = Gateway.inFrontOf(sandbox.baseUrl());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void saysThatAGatewayLives(CapturedOutput output) {
        String url = "http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/liveness";

        assertThat(run("health", "--url", url)).isZero();
        assertThat(output.getOut()).endsWith(url + " is healthy.\n");
    }

    @Test
    void saysWhatIsWrongInASentence(CapturedOutput output) {
        String other = "http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/nothing";

        assertThat(run("health", "--url", other)).isOne();
        assertThat(output.getOut()).endsWith(other + " answers 404.\n");

        assertThat(run("health", "--url", "http://127.0.0.1:1/")).isOne();
        assertThat(output.getOut())
                .containsPattern("http://127.0.0.1:1/ does not answer: .*\n")
                .doesNotContain("\tat ");
    }

    @Test
    void makesACall(CapturedOutput output) {
        String url = gateway.baseUrl().toString();
        String key = Gateway.SEARCH.value();

        assertThat(run("call", "--base-url", url, "--api-key", key)).isZero();
        assertThat(output.getOut()).containsPattern("deepseek-flash answers, with [1-9]\\d* tokens in all\\.\n");
        assertThat(gateway.record().slug()).isEqualTo("deepseek-flash");
    }

    @Test
    void saysWhyACallFails(CapturedOutput output) {
        String url = gateway.baseUrl().toString();

        assertThat(run("call", "--base-url", url)).isOne();
        assertThat(output.getOut()).contains("401: ");
        assertThat(run("call", "--base-url", "http://127.0.0.1:1/v1")).isOne();
        assertThat(output.getOut())
                .contains("http://127.0.0.1:1/v1 does not answer")
                .doesNotContain("\tat ");
    }

    private static int run(String... args) {
        assertThat(Commands.isCommand(args)).isTrue();
        return Commands.run(DeepgateApplication.class, args);
    }
}

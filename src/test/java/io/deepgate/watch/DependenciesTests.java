package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Neither Redis nor the ledger's database is there. */
@Timeout(60)
class DependenciesTests {

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 1000, Duration.ofMillis(50), "sk-sandbox"));
        gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                "gateway.admission.store=redis",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=1",
                "spring.datasource.url=jdbc:postgresql://127.0.0.1:1/ledger");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void changeNeitherLivenessNorReadinessNorCalls() {
        assertThat(health("/liveness")).isEqualTo("{\"status\":\"UP\"}");
        assertThat(health("/readiness")).isEqualTo("{\"status\":\"UP\"}");
        assertThat(gateway.chat("{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\""
                                + Overheard.CANARY + "\"}]}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void areShownAsDetails() {
        long before = sandbox.requests();

        assertThat(health("/dependencies"))
                .contains("\"redis\":{\"details\":{\"usable\":false}")
                .containsPattern("\"db\":\\{[^}]*}[^}]*\"status\":\"DOWN\"");
        assertThat(sandbox.requests()).isEqualTo(before);
    }

    private static String health(String path) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health" + path);
        long begun = System.nanoTime();
        HttpResponse<String> response = gateway.send(HttpRequest.newBuilder(uri).build());
        assertThat(System.nanoTime() - begun)
                .as("nanoseconds")
                .isLessThan(Duration.ofSeconds(5).toNanos());
        return response.body();
    }
}

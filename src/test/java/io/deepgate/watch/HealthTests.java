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

/** What the management port says of the gateway while its upstream fails. */
class HealthTests {

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 1000, Duration.ofMillis(50), "sk-sandbox"));
        gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=2",
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=2");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void isLiveAndReadyWhateverIsOutside() {
        for (int i = 0; i < 3; i++) {
            gateway.chat("{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"[[status 503]] "
                    + Overheard.CANARY + "\"}]}");
        }

        assertThat(health("/dependencies").body())
                .contains("\"breakerCheck\"", "\"deepseek/deepseek-flash\":\"OPEN\"", "\"slugCheck\"")
                .doesNotContain("livenessState", "diskSpace");
        assertThat(health("/liveness").body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(health("/readiness").body()).isEqualTo("{\"status\":\"UP\"}");
    }

    @Test
    void spendsNoToken() {
        long before = sandbox.requests();

        for (String path : new String[] {"", "/liveness", "/readiness", "/dependencies"}) {
            assertThat(health(path).statusCode()).as(path).isEqualTo(200);
        }

        assertThat(sandbox.requests()).isEqualTo(before);
    }

    private static HttpResponse<String> health(String path) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health" + path);
        return gateway.send(HttpRequest.newBuilder(uri).build());
    }
}

package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.relay.TokenUsage;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The main job: one call the whole way through. */
class GatewayTests {

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                "gateway.catalog.aliases.priced.slug=deepseek-flash",
                "gateway.catalog.prices.deepseek-flash[0].from=2020-01-01T00:00:00Z",
                "gateway.catalog.prices.deepseek-flash[0].input-cached=0.000007",
                "gateway.catalog.prices.deepseek-flash[0].input-uncached=0.15",
                "gateway.catalog.prices.deepseek-flash[0].output=1.25",
                "gateway.catalog.aliases.unpriced.slug=deepseek-v4-flash");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void completesAChat() {
        var answer = gateway.chat("{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + Overheard.CANARY + "\"}]}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"object\":\"chat.completion\"");
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(call.tokens().output()).isPositive();
        assertThat(call.requestId())
                .isEqualTo(answer.headers().firstValue("x-request-id").orElseThrow());
    }

    @Test
    void pricesACallByItsTokens() {
        chat("priced", "[[tokens 200]]");

        CallRecord call = gateway.record();
        TokenUsage tokens = call.tokens();
        assertThat(tokens.output()).isGreaterThanOrEqualTo(200);
        long picos = 7 * tokens.inputCached() + 150_000 * tokens.inputUncached() + 1_250_000 * tokens.output();
        assertThat(call.cost()).isEqualTo((picos + 500) / 1000);
    }

    @Test
    void knowsNoCostOfACallWithoutAPrice() {
        chat("unpriced", "Hi");
        assertThat(gateway.record().cost()).isNull();
        assertThat(gateway.meters()
                        .get("gateway.usage.unpriced")
                        .tag("model", "deepseek-v4-flash")
                        .counter()
                        .count())
                .isOne();
    }

    @Test
    void chargesNothingForWhatIsRefused() {
        chat("unpriced", "[[status 503]]");
        assertThat(gateway.record().cost()).isZero();
    }

    private static void chat(String model, String message) {
        gateway.chat("{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s %s\"}]}"
                .formatted(model, message, Overheard.CANARY));
    }
}

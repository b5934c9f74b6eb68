package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

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
        gateway = Gateway.inFrontOf(sandbox.baseUrl());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void completesAChat() {
        var answer =
                gateway.chat("{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("\"object\":\"chat.completion\"");
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(call.tokens().output()).isPositive();
        assertThat(call.requestId())
                .isEqualTo(answer.headers().firstValue("x-request-id").orElseThrow());
    }
}

package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.admission.OpenCalls;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A gateway that takes every wait for too long refuses nearly all that comes. */
@ExtendWith(Leaks.class)
@Timeout(60)
class EarlyRefusalTests {

    private static final String BODY = "{\"model\":\"deepseek-flash\"}";
    private static final String DOCUMENT = "{\"choices\":[]}";

    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start()
                .answers("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + DOCUMENT.length()
                        + "\r\n\r\n" + DOCUMENT);
        gateway = Gateway.inFrontOf(
                upstream.baseUrl(), "gateway.admission.capacity.lateness=1ns", "gateway.api.contact=#llm");
        AtRest.within(
                Duration.ofSeconds(20),
                () -> gateway.meters().get("gateway.admission.shed").gauge().value() > 0.9);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void answersOneConnectionsRequestsWhetherItRefusesThemOrNot() throws IOException {
        String request = RawClient.chatHead(Gateway.SEARCH, BODY.length()) + BODY;
        int served = 0;
        try (LoadCaller caller = new LoadCaller(gateway.port(), request)) {
            for (int i = 0; i < 300; i++) {
                int status = caller.call();
                assertThat(status).isIn(200, 503);
                served += status == 200 ? 1 : 0;
            }
        }
        assertThat(served).as("a twentieth").isBetween(1, 60);
        for (int i = 0; i < served; i++) {
            gateway.record();
        }
        AtRest.assertThatHolds(gateway);
        assertThat(gateway.bean(OpenCalls.class).count()).isZero();
    }

    @Test
    void forgetsTheBodyOfWhatItRefuses() throws IOException {
        String large = "{\"model\":\"deepseek-flash\",\"x\":\"" + "x".repeat(2_000_000) + "\"}";
        try (LoadCaller caller =
                new LoadCaller(gateway.port(), RawClient.chatHead(Gateway.SEARCH, large.length()) + large)) {
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                refused += caller.call() == 503 ? 1 : 0;
            }
            assertThat(refused).isGreaterThan(10);
        }
        while (gateway.unreadRecords() > 0) {
            gateway.record();
        }
    }

    @Test
    void saysWhatTheTableOfErrorsSays() throws IOException {
        String answer = "";
        for (int i = 0; i < 20 && !answer.startsWith("HTTP/1.1 503"); i++) {
            try (RawClient client = new RawClient(gateway)) {
                client.send("POST /anthropic/v1/messages HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n"
                        + "content-length: 2\r\n\r\n{}");
                answer = client.readAll();
            }
        }
        assertThat(answer)
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .contains("retry-after: 1\r\n", "x-request-id: ", "\"type\":\"overloaded_error\"", "ask #llm.");
    }

    @Test
    void leavesAllOtherPathsAlone() throws IOException {
        String head = "GET /v1/models HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + Gateway.SEARCH.value();
        try (LoadCaller caller = new LoadCaller(gateway.port(), head + "\r\n\r\n");
                LoadCaller management = new LoadCaller(
                        gateway.managementPort(),
                        "POST /actuator/health HTTP/1.1\r\nhost: gateway\r\ncontent-length: 0\r\n\r\n")) {
            for (int i = 0; i < 20; i++) {
                assertThat(caller.call()).isEqualTo(200);
                assertThat(management.call()).isNotEqualTo(503);
            }
        }
    }
}

package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A gateway to which a millisecond is late has more to do than it can in one. */
@ExtendWith(Leaks.class)
@Timeout(120)
class EarlyRefusalTests {

    private static final int CALLERS = 100;
    private static final String BODY = "{\"model\":\"deepseek-flash\"}";
    private static final String REQUEST = RawClient.chatHead(Gateway.SEARCH, BODY.length()) + BODY;
    private static final String DOCUMENT = "{\"choices\":[]}";

    private static RawUpstream upstream;
    private static Gateway gateway;

    private final AtomicBoolean over = new AtomicBoolean();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<Integer>> load = new ArrayList<>();
    private int served;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start()
                .answers("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + DOCUMENT.length()
                        + "\r\n\r\n" + DOCUMENT);
        gateway = Gateway.inFrontOf(
                upstream.baseUrl(),
                "gateway.admission.capacity.lateness=1ms",
                "gateway.api.head-timeout=1s",
                "gateway.api.contact=#llm");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @BeforeEach
    void load() {
        for (int i = 0; i < CALLERS; i++) {
            load.add(threads.submit(() -> {
                int served = 0;
                try (LoadCaller caller = new LoadCaller(gateway.port(), REQUEST)) {
                    while (!over.get()) {
                        served += caller.call() == 200 ? 1 : 0;
                    }
                }
                return served;
            }));
        }
    }

    /** What was served has one record each, and nothing else has one. */
    @AfterEach
    void endLoad() throws Exception {
        over.set(true);
        for (Future<Integer> caller : load) {
            served += caller.get();
        }
        for (int i = 0; i < served; i++) {
            assertThat(gateway.record()).extracting(CallRecord::outcome).isEqualTo(Outcome.COMPLETED);
        }
        AtRest.assertThatHolds(gateway);
        AtRest.assertThatHasNoOpenCall(gateway);
        AtRest.within(
                Duration.ofSeconds(5),
                () -> gateway.meters().get("gateway.admission.shed").gauge().value() == 0);
        threads.close();
    }

    @Test
    void answersOneConnectionsRequestsWhetherItRefusesThemOrNot() throws IOException {
        int refused = 0;
        int answered = 0;
        try (LoadCaller caller = new LoadCaller(gateway.port(), REQUEST)) {
            while (refused < 10 || answered < 10) {
                int status = caller.call();
                assertThat(status).isIn(200, 503);
                refused += status == 503 ? 1 : 0;
                answered += status == 200 ? 1 : 0;
            }
        }
        served += answered;
        assertThat(gateway.meters().get("gateway.admission.shed").gauge().value())
                .isOne();
    }

    @Test
    void forgetsTheBodyOfWhatItRefuses() throws IOException {
        String large = "{\"model\":\"deepseek-flash\",\"x\":\"" + "x".repeat(200_000) + "\"}";
        try (LoadCaller caller =
                new LoadCaller(gateway.port(), RawClient.chatHead(Gateway.SEARCH, large.length()) + large)) {
            for (int refused = 0; refused < 10; ) {
                boolean answered = caller.call() == 200;
                served += answered ? 1 : 0;
                refused += answered ? 0 : 1;
            }
        }
    }

    @Test
    void saysWhatTheTableOfErrorsSays() throws IOException {
        String answer = "";
        while (!answer.startsWith("HTTP/1.1 503")) {
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
    void leavesOpenTheConnectionOfWhatItRefuses() throws IOException {
        try (LoadCaller caller = new LoadCaller(gateway.port(), REQUEST)) {
            while (caller.call() == 200) {
                served++;
            }
            assertThat(caller.staysOpen(Duration.ofMillis(1500)))
                    .as("longer than a head may take")
                    .isTrue();
        }
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

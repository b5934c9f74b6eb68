package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Hundreds of clients leave at every point of a call. After each batch of them: a record per request, nobody in flight, no
 * token reserved, no upstream connection open; at the end, no buffer leaked, no memory kept and nobody alarmed.
 */
@Tag("chaos")
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class DisturbanceTests {

    private static final int BATCHES = 10;
    private static final int CALLS = 28;
    private static final int CLAIM = 500_000;
    private static final int TOKENS_PER_MINUTE = CALLS * CLAIM;
    private static final String STREAM = "\"stream\":true,\"thinking\":{\"type\":\"disabled\"}";

    private static Sandbox sandbox;
    private static RawUpstream flood;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofMillis(10), "sk-sandbox"));
        String event =
                "data: {\"pad\":\"" + "x".repeat(50_000) + "\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
        flood = RawUpstream.start().does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.chunk(event);
            }
        });
        gateway = Gateway.with(
                """
                tenants:
                  - id: search
                    keys: [{ id: %s, sha256: %s }]
                    limits: { requests-per-minute: 100000, tokens-per-minute: %d, concurrent-requests: %d }
                """.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex(), TOKENS_PER_MINUTE, CALLS),
                sandbox.baseUrl(),
                "gateway.admission.completion-claim=" + CLAIM,
                "gateway.catalog.upstreams.flood.base-url=" + flood.baseUrl(),
                "gateway.catalog.upstreams.flood.api-key=" + Gateway.UPSTREAM_KEY,
                "gateway.catalog.aliases.flood.slug=flood",
                "gateway.catalog.aliases.flood.upstream=flood",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100000",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100000");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
        flood.close();
    }

    /** Where in a call its client leaves. */
    private enum Point {
        WITH_HALF_ITS_BODY_SENT,
        BEFORE_THE_HEADERS,
        BEFORE_THE_CONTENT,
        IN_THE_STREAM,
        IN_THE_STREAM_WITHOUT_READING,
        IN_THE_DOCUMENT,
        AT_ONCE
    }

    @Test
    void leavesNothingBehindWhenClientsLeave(CapturedOutput output) throws IOException {
        int before = output.length();
        Random random = new Random(1);
        batch(random);
        batch(random);
        long memory = AtRest.directMemory();
        for (int i = 2; i < BATCHES; i++) {
            batch(random);
        }
        assertThat(AtRest.directMemory() - memory)
                .as("bytes of direct memory more than before")
                .isLessThan(16 * 1024 * 1024);
        assertThat(Leaks.found()).as("leaked buffers").isEmpty();
        assertThat(output.toString().substring(before)).doesNotContain(" WARN ", " ERROR ");
        gateway.chat("{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"" + Overheard.CANARY
                + "\"}]}");
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    private static void batch(Random random) throws IOException {
        long tokens = AtRest.claimableTokens(gateway, "search");
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < CALLS; i++) {
            clients.add(begun(Point.values()[i * Point.values().length / CALLS]));
        }
        while (!clients.isEmpty()) {
            RawClient client = clients.remove(random.nextInt(clients.size()));
            if (random.nextBoolean()) {
                client.close();
            } else {
                client.reset();
            }
        }
        long used = 0;
        for (int i = 0; i < CALLS; i++) {
            CallRecord call = gateway.record();
            assertThat(call.outcome()).isEqualTo(Outcome.CANCELLED);
            assertThat(call.overhead()).isGreaterThanOrEqualTo(Duration.ZERO);
            used += call.tokens().total();
        }
        AtRest.assertThatHolds(gateway);
        AtRest.within(Duration.ofSeconds(2), () -> sandbox.openConnections() == 0 && flood.openConnections() == 0);
        assertThat(AtRest.claimableTokens(gateway, "search"))
                .as("tokens that can be claimed")
                .isGreaterThanOrEqualTo(tokens - used);
    }

    /** A client whose call has come as far as {@code point}. */
    private static RawClient begun(Point point) throws IOException {
        return switch (point) {
            case WITH_HALF_ITS_BODY_SENT -> {
                RawClient client = new RawClient(gateway);
                long before = AtRest.inFlight(gateway, "search");
                client.send(RawClient.chatHead(Gateway.SEARCH, 1000) + "{\"model\":\"deepseek-flash\",");
                AtRest.within(Duration.ofSeconds(5), () -> AtRest.inFlight(gateway, "search") > before);
                yield client;
            }
            case AT_ONCE -> {
                RawClient client = chat(new RawClient(gateway), "[[stall]]", STREAM);
                client.close();
                yield client;
            }
            case BEFORE_THE_HEADERS -> {
                long before = sandbox.requests();
                RawClient client = chat(new RawClient(gateway), "[[stall]]", STREAM);
                AtRest.within(Duration.ofSeconds(5), () -> sandbox.requests() > before);
                yield client;
            }
            case BEFORE_THE_CONTENT -> {
                RawClient client = chat(new RawClient(gateway), "[[keep-alive forever]]", STREAM);
                client.readUntil(": keep-alive\n\n");
                yield client;
            }
            case IN_THE_STREAM -> {
                RawClient client = chat(new RawClient(gateway), "[[rate 100]] [[tokens 5000]]", STREAM);
                for (int i = 0; i < 5; i++) {
                    client.readUntil("\n\n");
                }
                yield client;
            }
            case IN_THE_STREAM_WITHOUT_READING -> {
                RawClient client =
                        RawClient.slow(gateway).chat(Gateway.SEARCH, "{\"model\":\"flood\",\"stream\":true}");
                client.readHead();
                yield client;
            }
            case IN_THE_DOCUMENT -> {
                RawClient client = chat(new RawClient(gateway), "[[stall after 1]]", "\"stream\":false");
                client.readUntil("{");
                yield client;
            }
        };
    }

    private static RawClient chat(RawClient client, String message, String fields) throws IOException {
        return client.chat(
                Gateway.SEARCH,
                "{\"model\":\"deepseek-flash\",%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                        .formatted(fields, message));
    }
}

package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawClient;
import io.deepgate.RawUpstream;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Four waits, each with an end: connect, first content, idle, total. Signs of life are no content. */
@ExtendWith(Leaks.class)
@Timeout(30)
class TimeoutTests {

    private static final String EVENT = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    private static final String NO_CONTENT =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    private static final Duration WAIT = Duration.ofMillis(300);
    private static final Duration LATE = Duration.ofSeconds(3);

    private static final List<Socket> CROWD = new ArrayList<>();

    private static RawUpstream upstream;
    private static ServerSocket crowded;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        upstream = RawUpstream.start();
        crowded = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        crowd();
        List<String> properties = new ArrayList<>(List.of(
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=100000",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100000",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100000",
                "gateway.forward.max-connections=1"));
        add(properties, "crowded", "http://127.0.0.1:" + crowded.getLocalPort(), "connect-timeout=300ms");
        add(properties, "mute", upstream.baseUrl().toString().replace("http:", "https:"), "connect-timeout=300ms");
        add(properties, "first", upstream.baseUrl().toString(), "first-content-timeout=300ms");
        add(properties, "idle", upstream.baseUrl().toString(), "idle-timeout=300ms");
        add(properties, "patient", upstream.baseUrl().toString(), "idle-timeout=1s");
        add(properties, "total", upstream.baseUrl().toString(), "total-timeout=300ms");
        add(properties, "narrow", upstream.baseUrl().toString(), "connect-timeout=300ms");
        properties.add("gateway.catalog.upstreams.narrow.concurrency.narrow=100");
        // A slow client keeps its place at an upstream that has long sent all.
        properties.add("gateway.catalog.upstreams.patient.concurrency.patient=2");
        gateway = Gateway.inFrontOf(upstream.baseUrl(), properties.toArray(String[]::new));
    }

    private static void add(List<String> properties, String name, String baseUrl, String timeout) {
        properties.add("gateway.catalog.upstreams." + name + ".base-url=" + baseUrl);
        properties.add("gateway.catalog.upstreams." + name + ".api-key=" + Gateway.UPSTREAM_KEY);
        properties.add("gateway.catalog.upstreams." + name + "." + timeout);
        properties.add("gateway.catalog.aliases." + name + ".slug=" + name);
        properties.add("gateway.catalog.aliases." + name + ".upstream=" + name);
    }

    /** Fills the queue of a socket that nobody accepts from: whoever comes then gets no answer, as from a dead host. */
    private static void crowd() throws IOException {
        try {
            while (true) {
                Socket socket = new Socket();
                CROWD.add(socket);
                socket.connect(new InetSocketAddress("127.0.0.1", crowded.getLocalPort()), 200);
            }
        } catch (SocketTimeoutException e) {
            // Full.
        }
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        upstream.close();
        crowded.close();
        for (Socket socket : CROWD) {
            socket.close();
        }
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
        AtRest.within(Duration.ofSeconds(1), () -> upstream.openConnections() == 0);
    }

    // Connect

    @Test
    void waitsNoLongerForAConnection() {
        assertTimedOut(timed("crowded", true), "could not be connected to");
    }

    @Test
    void waitsNoLongerForAHandshake() {
        upstream.does(RawUpstream.Connection::awaitClose);
        assertTimedOut(timed("mute", true), "could not be connected to");
    }

    /** Every event loop has a pool of its own, and connections are spread over the loops: one call too many finds one full. */
    @Test
    void waitsNoLongerForAConnectionOfAFullPool() throws IOException {
        upstream.does(connection -> {
            connection.readRequest();
            connection.awaitClose();
        });
        List<RawClient> held = new ArrayList<>();
        int before = upstream.requests();
        while (gateway.unreadRecords() == 0) {
            held.add(new RawClient(gateway).chat(Gateway.SEARCH, body("narrow", true)));
            AtRest.within(
                    Duration.ofSeconds(2),
                    () -> upstream.requests() == before + held.size() || gateway.unreadRecords() == 1);
        }
        try (RawClient refused = held.removeLast()) {
            assertThat(refused.readAnswer()).contains("503", "\"code\":\"upstream_unavailable\"", "in use");
        }
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(held).isNotEmpty();
        for (RawClient client : held) {
            client.close();
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.CANCELLED);
        }
    }

    // First content

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void waitsNoLongerForTheHeaders(boolean stream) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.awaitClose();
        });
        assertTimedOut(timed("first", stream), "sent no content");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void waitsNoLongerForTheBody(boolean stream) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked(stream ? "text/event-stream" : "application/json");
            connection.awaitClose();
        });
        HttpResponse<String> answer = timed("first", stream);
        assertTimedOut(answer, "sent no content");
        assertThat(answer.headers().firstValue("x-ds-trace-id")).hasValue("trace-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {": keep-alive\n\n", "\n", NO_CONTENT, "data: {\"choices\":[]}\n\n", "event: ping\n\n", "x"})
    void takesNoSignOfLifeForFirstContent(String sign) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.chunk(sign);
                Thread.sleep(20);
            }
        });
        HttpResponse<String> answer = timed("first", true);
        if (sign.equals("x")) {
            // No event ended, so nothing was passed on.
            assertTimedOut(answer, "sent no content");
            return;
        }
        assertThat(answer.body()).startsWith(sign + sign);
        assertBrokeOff(answer, "sent no content", false);
    }

    @Test
    void takesNoBlankLineForFirstContent() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("application/json");
            while (true) {
                connection.chunk("\n");
                Thread.sleep(20);
            }
        });
        long start = System.nanoTime();
        assertThatThrownBy(() -> chat("first", false)).isInstanceOf(UncheckedIOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(WAIT, LATE);
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(call.errorCode()).isEqualTo("upstream_timeout");
        assertThat(call.tokens().total()).isZero();
    }

    @Test
    void waitsLongerForTheRestThanForTheFirst() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(EVENT);
            Thread.sleep(WAIT.plusMillis(200));
            connection.chunk(EVENT + "data: [DONE]\n\n");
            connection.lastChunk();
        });
        assertThat(chat("first", true).body()).isEqualTo(EVENT + EVENT + "data: [DONE]\n\n");
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    // Idle

    @ParameterizedTest
    @ValueSource(strings = {"", ": keep-alive\n\n", "\n", NO_CONTENT, "data: {\"choices\":[]}\n\n"})
    void takesNoSignOfLifeForContent(String sign) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(EVENT);
            if (sign.isEmpty()) {
                connection.awaitClose();
            }
            while (true) {
                connection.chunk(sign);
                Thread.sleep(20);
            }
        });
        HttpResponse<String> answer = timed("idle", true);
        assertThat(answer.body()).startsWith(EVENT + sign + sign);
        assertBrokeOff(answer, "sent no further content", true);
    }

    @Test
    void waitsNoLongerForTheRestOfADocument() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("application/json");
            connection.chunk("{\"choices\":[{\"message\":{\"content\":\"Hello\"");
            connection.awaitClose();
        });
        long start = System.nanoTime();
        assertThatThrownBy(() -> chat("idle", false)).isInstanceOf(UncheckedIOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(WAIT, LATE);
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.tokens().estimated()).isTrue();
    }

    @Test
    void startsAgainWithEachContent() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            for (int i = 0; i < 10; i++) {
                connection.chunk(EVENT);
                Thread.sleep(80);
            }
            connection.chunk("data: [DONE]\n\n");
            connection.lastChunk();
        });
        assertThat(chat("idle", true).body()).isEqualTo(EVENT.repeat(10) + "data: [DONE]\n\n");
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void holdsNoUpstreamForAClientThatDoesNotRead() throws IOException {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.chunk(EVENT.repeat(100));
            }
        });
        int before = upstream.requests();
        try (RawClient _ = RawClient.slow(gateway).chat(Gateway.SEARCH, body("idle", true))) {
            AtRest.within(Duration.ofSeconds(20), () -> upstream.requests() == before + 1);
            AtRest.within(Duration.ofSeconds(20), () -> upstream.openConnections() == 0);
        }
        assertThat(gateway.record().outcome()).isIn(Outcome.TIMED_OUT, Outcome.CANCELLED);
    }

    // Total

    @Test
    void endsAStreamThatFlowsForTooLong() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.chunk(EVENT);
                Thread.sleep(20);
            }
        });
        HttpResponse<String> answer = timed("total", true);
        assertThat(answer.body()).startsWith(EVENT + EVENT);
        assertBrokeOff(answer, "did not finish", true);
    }

    @Test
    void endsACallThatHasNotBegunForTooLong() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.awaitClose();
        });
        assertTimedOut(timed("total", false), "did not finish");
    }

    @Test
    void letsAnAnswerThatIsInTimeUseItsConnectionAgain() {
        upstream.does(connection -> {
            while (true) {
                connection.readRequest();
                connection.beginChunked("text/event-stream");
                connection.chunk(EVENT + "data: [DONE]\n\n");
                connection.lastChunk();
            }
        });
        int before = upstream.requests();
        long start = System.nanoTime();
        // Beyond the first call's timers: none of them may close the connection under a later one.
        while (System.nanoTime() - start < Duration.ofMillis(1300).toNanos()) {
            assertThat(chat("total", true).body()).endsWith("data: [DONE]\n\n");
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(upstream.openConnections()).isEqualTo(1);
        }
        assertThat(upstream.requests()).isGreaterThan(before + 10);
        upstream.closeConnections();
    }

    @Test
    void leavesAConnectionAloneThatServesAnotherCall() throws IOException {
        String filler = ": " + "x".repeat(12 * 1024) + "\n\n";
        Semaphore taken = new Semaphore(0);
        AtomicBoolean first = new AtomicBoolean(true);
        upstream.does(connection -> {
            while (!first.getAndSet(false)) {
                connection.readRequest();
                connection.beginChunked("text/event-stream");
                connection.chunk(EVENT + "data: [DONE]\n\n");
                connection.lastChunk();
            }
            connection.readRequest();
            // All of the answer arrives, though hardly any of it can be passed on: more than a client's buffers
            // hold, and after it more pieces than are asked for in advance.
            connection.beginChunked("text/event-stream");
            for (int i = 0; i < 2; i++) {
                connection.chunk(filler);
            }
            StringBuilder rest = new StringBuilder();
            for (int i = 0; i < 10; i++) {
                rest.append("3\r\n:\n\n\r\n");
            }
            String end = EVENT + "data: [DONE]\n\n";
            connection.write(rest + Integer.toHexString(end.length()) + "\r\n" + end + "\r\n0\r\n\r\n");
            connection.readRequest();
            taken.release();
            connection.beginChunked("text/event-stream");
            for (int i = 0; i < 10; i++) {
                connection.chunk(EVENT);
                Thread.sleep(150);
            }
            connection.chunk("data: [DONE]\n\n");
            connection.lastChunk();
        });
        try (RawClient slow = RawClient.slow(gateway).chat(Gateway.SEARCH, body("patient", true))) {
            slow.readHead();
            // Only callers of the same event loop come to its connection; who comes next is another loop's.
            for (int i = 0; i < 64 && taken.availablePermits() == 0; i++) {
                try (RawClient other = new RawClient(gateway).chat(Gateway.SEARCH, body("patient", true))) {
                    String answer = other.readUntil("data: [DONE]\n\n");
                    assertThat(answer.split(Pattern.quote(EVENT), -1)).hasSize(taken.availablePermits() == 0 ? 2 : 11);
                    assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
                }
            }
            assertThat(taken.tryAcquire()).as("on the same connection").isTrue();
            slow.readUntil("data: [DONE]\n\n");
        }
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
        upstream.closeConnections();
    }

    private static HttpResponse<String> timed(String model, boolean stream) {
        long start = System.nanoTime();
        HttpResponse<String> answer = chat(model, stream);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(WAIT, LATE);
        return answer;
    }

    private static HttpResponse<String> chat(String model, boolean stream) {
        return gateway.send(gateway.request("/chat/completions", Gateway.SEARCH)
                .POST(BodyPublishers.ofString(body(model, stream)))
                .build());
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream + ",\"messages\":[]}";
    }

    private static void assertTimedOut(HttpResponse<String> answer, String message) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(504);
        var error = JsonMapper.shared().readTree(answer.body()).path("error");
        assertThat(error.path("message").stringValue()).contains(message, "300 ms");
        assertThat(error.path("type").stringValue()).isEqualTo("server_error");
        assertThat(error.path("code").stringValue()).isEqualTo("upstream_timeout");
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(call.status()).isEqualTo(504);
        assertThat(call.errorCode()).isEqualTo("upstream_timeout");
        assertThat(call.tokens().total()).isZero();
    }

    private static void assertBrokeOff(HttpResponse<String> answer, String message, boolean charged) {
        assertThat(answer.statusCode()).isEqualTo(200);
        String last = answer.body().substring(answer.body().lastIndexOf("data: "));
        var error = JsonMapper.shared().readTree(last.substring(6)).path("error");
        assertThat(error.path("message").stringValue()).contains(message);
        assertThat(error.path("code").stringValue()).isEqualTo("upstream_timeout");
        assertThat(answer.body()).doesNotContain("[DONE]");
        CallRecord call = gateway.record();
        assertThat(call.outcome()).isEqualTo(Outcome.TIMED_OUT);
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.tokens().total() > 0).isEqualTo(charged);
        assertThat(call.tokens().estimated()).isEqualTo(charged);
    }
}

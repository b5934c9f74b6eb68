package io.deepgate.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Route;
import io.deepgate.catalog.Upstream;
import io.deepgate.catalog.UpstreamKey;
import io.deepgate.forward.ScriptedUpstream.Then;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;

/** Calls over real connections, to an upstream whose every byte is written here. */
class ForwarderTests {

    private static final String KEY = "sk-0123456789abcdef3750";
    private static final String BODY = "{\"model\":\"deepseek-flash\",\"messages\":[]}";
    private static final String STREAM = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            + "transfer-encoding: chunked\r\nx-ds-trace-id: t1\r\nset-cookie: a=b\r\n\r\n";
    private static final String EVENT = "e\r\ndata: [DONE]\n\n\r\n";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final CircuitBreakerRegistry breakers = CircuitBreakerRegistry.of(
            Map.of("default", CircuitBreakerConfig.ofDefaults(), "tenant", CircuitBreakerConfig.ofDefaults()));
    private final UpstreamClients clients = new UpstreamClients(new ForwardProperties(10, Duration.ofSeconds(30)));
    private final Forwarder forwarder = new Forwarder(clients, new Breakers(breakers), new AttemptMeters(meters));
    private final HttpHeaders ours = new HttpHeaders();
    private final HttpHeaders head = new HttpHeaders();
    private final ByteBuf body = Unpooled.copiedBuffer(BODY, UTF_8);
    private Duration wait = Duration.ofSeconds(10);

    @AfterEach
    void givesTheBodyBack() {
        await().untilAsserted(() ->
                assertThat(body.refCnt()).as("references to the body").isOne());
        clients.close();
    }

    @Test
    void sendsTheBytesWithOurKey() throws Exception {
        try (var upstream = new ScriptedUpstream(STREAM + EVENT + "0\r\n\r\n", Then.KEEP_OPEN)) {
            ours.set("authorization", "Bearer dg-k7Qm2x-secret");
            ours.set("content-type", "application/json");
            ours.set("cookie", "a=b");

            assertThat(text(forward(URI.create(upstream.url() + "/base"), true)))
                    .isEqualTo("data: [DONE]\n\n");

            String request = upstream.request();
            assertThat(request)
                    .startsWith("POST /base/chat/completions HTTP/1.1\r\n")
                    .endsWith("\r\n\r\n" + BODY)
                    .containsIgnoringCase("\r\nauthorization: Bearer " + KEY + "\r\n")
                    .containsIgnoringCase("\r\ncontent-length: " + BODY.length() + "\r\n")
                    .containsIgnoringCase(
                            "\r\nhost: 127.0.0.1:" + upstream.url().getPort() + "\r\n")
                    .doesNotContain("secret")
                    .doesNotContainIgnoringCase("cookie")
                    .doesNotContainIgnoringCase("transfer-encoding");
        }
    }

    @Test
    void setsTheHeadersThatMayPassBeforeTheFirstByte() throws Exception {
        try (var upstream = new ScriptedUpstream(STREAM + EVENT + "0\r\n\r\n", Then.KEEP_OPEN)) {
            String[] atFirstByte = new String[1];
            forward(upstream.url(), true)
                    .body()
                    .doOnNext(part -> atFirstByte[0] = head.getFirst("x-ds-trace-id"))
                    .doOnNext(ByteBuf::release)
                    .blockLast();

            assertThat(atFirstByte[0]).isEqualTo("t1");
            assertThat(head.toSingleValueMap())
                    .containsOnly(Map.entry("content-type", "text/event-stream"), Map.entry("x-ds-trace-id", "t1"));
        }
    }

    @Test
    void usesConnectionsAgain() throws Exception {
        try (var upstream = new ScriptedUpstream(STREAM + EVENT + "0\r\n\r\n", Then.KEEP_OPEN)) {
            for (int i = 0; i < 20; i++) {
                text(forward(upstream.url(), true));
            }

            // A connection goes back just after its answer ends: a call that is quicker takes another.
            assertThat(upstream.connections()).isLessThan(20);
        }
    }

    @ParameterizedTest
    @CsvSource({"400", "404", "413", "422", "401", "402", "403", "429"})
    void passesARefusalOnWithoutOurKey(int status) throws Exception {
        String said = "{\"error\":{\"message\":\"Your api key: ****3750 (" + KEY + ") is invalid\"}}";
        String answer =
                "HTTP/1.1 " + status + " No\r\ncontent-type: application/json\r\nretry-after: 7\r\ncontent-length: "
                        + said.length() + "\r\n\r\n" + said;
        try (var upstream = new ScriptedUpstream(answer, Then.KEEP_OPEN)) {
            Throwable refusal = failure(forward(upstream.url(), true));

            assertThat(refusal).isInstanceOfSatisfying(UpstreamRefusedException.class, refused -> {
                assertThat(refused.status()).isEqualTo(status);
                assertThat(refused.body())
                        .isEqualTo("{\"error\":{\"message\":\"Your api key: ***[masked] ([masked]) is invalid\"}}");
                assertThat(refused.contentType()).isEqualTo("application/json");
                assertThat(refused.retryAfter()).isEqualTo("7");
                assertThat(refused.toString()).doesNotContain("3750");
            });
            assertThat(results()).containsExactly("refused");
            assertThat(failures()).isZero();
            assertThat(head.isEmpty()).as("nothing of a refusal's head passes").isTrue();
        }
    }

    @Test
    void readsNoMoreOfARefusalThanItCanUse() throws Exception {
        String answer = "HTTP/1.1 400 No\r\ncontent-length: 300000\r\n\r\n" + "x".repeat(300_000);
        try (var upstream = new ScriptedUpstream(answer, Then.KEEP_OPEN)) {
            assertThat(failure(forward(upstream.url(), true)))
                    .isInstanceOfSatisfying(
                            UpstreamRefusedException.class,
                            refused -> assertThat(refused.body()).hasSize(64 * 1024));
        }
    }

    @ParameterizedTest
    @CsvSource({"500, 502", "502, 502", "503, 503", "529, 502", "302, 502", "204, 502", "100, 502"})
    void takesAllElseForAFailure(int status, int told) throws Exception {
        String location = status == 302 ? "location: http://127.0.0.1:1/\r\n" : "";
        String answer =
                "HTTP/1.1 " + status + " No\r\n" + location + (status == 204 ? "" : "content-length: 0\r\n") + "\r\n";
        try (var upstream = new ScriptedUpstream(answer, Then.CLOSE)) {
            assertThat(failure(forward(upstream.url(), true)))
                    .isInstanceOfSatisfying(
                            UpstreamUnavailableException.class,
                            unavailable -> assertThat(unavailable.status()).isEqualTo(told));
            assertThat(results()).containsExactly("failed");
            assertThat(failures()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, application/json", "true, text/html", "false, text/event-stream", "false, text/html", "false, ''"
    })
    void failsWhenTheTypeIsNotWhatWasAskedFor(boolean stream, String type) throws Exception {
        String answer = "HTTP/1.1 200 OK\r\n" + (type.isEmpty() ? "" : "content-type: " + type + "\r\n")
                + "content-length: 2\r\n\r\n{}";
        try (var upstream = new ScriptedUpstream(answer, Then.KEEP_OPEN)) {
            assertThat(failure(forward(upstream.url(), stream)))
                    .isInstanceOf(UpstreamUnavailableException.class)
                    .hasMessageContaining("something other than");
            assertThat(head.isEmpty()).isTrue();
        }
    }

    @Test
    void takesTypesWithParameters() throws Exception {
        String answer =
                "HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncontent-length: 2\r\n\r\n{}";
        try (var upstream = new ScriptedUpstream(answer, Then.KEEP_OPEN)) {
            assertThat(text(forward(upstream.url(), false))).isEqualTo("{}");
            assertThat(head.getFirst("content-length")).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @CsvSource({"CLOSE", "RESET"})
    void failsWhenTheConnectionBreaks(Then then) throws Exception {
        try (var upstream = new ScriptedUpstream(STREAM + "e\r\ndata", then)) {
            assertThat(failure(forward(upstream.url(), true)))
                    .isInstanceOf(UpstreamUnavailableException.class)
                    .hasMessageContaining("broke before the answer was complete");
            assertThat(results()).containsExactly("failed");
            assertThat(failures()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"CLOSE", "RESET"})
    void sendsACallOnceWhateverHappens(Then then) throws Exception {
        try (var upstream = new ScriptedUpstream("", then)) {
            assertThat(failure(forward(upstream.url(), true))).isInstanceOf(UpstreamUnavailableException.class);

            assertThat(upstream.connections()).isOne();
        }
    }

    @Test
    void failsWhenNobodyListens() throws Exception {
        URI url;
        try (ServerSocket taken = new ServerSocket(0)) {
            url = URI.create("http://127.0.0.1:" + taken.getLocalPort());
        }

        assertThat(failure(forward(url, true)))
                .isInstanceOfSatisfying(
                        UpstreamUnavailableException.class,
                        unavailable -> assertThat(unavailable.status()).isEqualTo(503))
                .hasMessage("The upstream cannot be connected to.");
        assertThat(failures()).isEqualTo(2);
    }

    @Test
    void timesOutWhenOnlyCommentsCome() throws Exception {
        wait = Duration.ofMillis(200);
        try (var upstream = new ScriptedUpstream(STREAM + "e\r\n: keep-alive\n\n\r\n", Then.KEEP_OPEN)) {
            assertThat(failure(forward(upstream.url(), true)))
                    .isInstanceOf(UpstreamTimeoutException.class)
                    .hasMessage("The upstream sent no content within 200 ms.");
            assertThat(results()).containsExactly("timed_out");
            assertThat(failures()).isEqualTo(2);
        }
    }

    @Test
    void sendsNothingWhileABreakerIsOpen() throws Exception {
        try (var upstream = new ScriptedUpstream(STREAM + EVENT + "0\r\n\r\n", Then.KEEP_OPEN)) {
            breakers.circuitBreaker("deepseek/deepseek-flash").transitionToOpenState();

            assertThatExceptionOfType(CircuitOpenException.class).isThrownBy(() -> forward(upstream.url(), true));

            assertThat(upstream.connections()).isZero();
            assertThat(results()).isEmpty();
        }
    }

    @Test
    void sendsNothingBeforeItIsSubscribed() throws Exception {
        try (var upstream = new ScriptedUpstream(STREAM + EVENT + "0\r\n\r\n", Then.KEEP_OPEN)) {
            Answer answer = forward(upstream.url(), true);
            answer.close();

            assertThat(upstream.connections()).isZero();
            assertThat(results()).containsExactly("cancelled");
        }
    }

    private Answer forward(URI url, boolean stream) {
        Upstream upstream =
                new Upstream("deepseek", url, new UpstreamKey(KEY), Duration.ofSeconds(5), wait, wait, Duration.ZERO);
        Route route = new Route("fast", "deepseek-flash", upstream);
        return forwarder.forward(new Outgoing("search", route, Endpoint.CHAT, ours, body, stream), head);
    }

    private static Flux<String> read(Answer answer) {
        return answer.body().map(part -> {
            String text = part.toString(UTF_8);
            part.release();
            return text;
        });
    }

    private static String text(Answer answer) {
        return String.join("", read(answer).collectList().block(Duration.ofSeconds(10)));
    }

    private static Throwable failure(Answer answer) {
        return catchThrowable(() -> text(answer));
    }

    private List<String> results() {
        return meters
                .find("gateway.forward.attempts")
                .tags("upstream", "deepseek", "model", "deepseek-flash")
                .counters()
                .stream()
                .filter(counter -> counter.count() == 1)
                .map((Counter counter) -> counter.getId().getTag("result"))
                .toList();
    }

    /** Of both breakers. */
    private int failures() {
        return breakers.getAllCircuitBreakers().stream()
                .mapToInt(breaker -> breaker.getMetrics().getNumberOfFailedCalls())
                .sum();
    }
}

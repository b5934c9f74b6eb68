package io.deepgate.forward;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.containing;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.http.Fault;
import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawClient;
import io.deepgate.access.ApiKey;
import io.deepgate.relay.TokenUsage;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * An upstream that fails is left alone for a while, at once and for those whom it fails. Each test has a slug, and so a
 * breaker, of its own: a tenant's opens after 4 failures of 4 calls, that of all after 5 of 10.
 */
@ExtendWith(Leaks.class)
@Timeout(30)
class CircuitBreakerTests {

    private static final String DOCUMENT =
            "{\"choices\":[{\"message\":{\"content\":\"Hello\"}}],\"usage\":{\"prompt_tokens\":1}}";
    private static final String EVENT = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    private static final ApiKey FRESH = ApiKey.parse("dg-fresh1-0123456789abcdefghij0123456789abcdefghij");
    private static final int SLUGS = 60;
    private static final AtomicInteger NEXT_SLUG = new AtomicInteger();

    private static WireMockServer upstream;
    private static Gateway gateway;

    private String slug;

    @BeforeAll
    static void start() {
        upstream = new WireMockServer(
                options().dynamicPort().bindAddress("127.0.0.1").containerThreads(64));
        upstream.start();
        List<String> properties = new ArrayList<>(List.of(
                "resilience4j.circuitbreaker.configs.default.sliding-window-type=count_based",
                "resilience4j.circuitbreaker.configs.default.sliding-window-size=20",
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=10",
                "resilience4j.circuitbreaker.configs.default.wait-duration-in-open-state=400ms",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=4",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=4",
                "resilience4j.circuitbreaker.configs.tenant.wait-duration-in-open-state=400ms",
                "gateway.catalog.upstreams.deepseek.first-content-timeout=1s"));
        for (int i = 0; i < SLUGS; i++) {
            properties.add("gateway.catalog.aliases.slug" + i + ".slug=slug" + i);
        }
        gateway = Gateway.with(
                """
                tenants:
                  - { id: search, keys: [{ id: %s, sha256: %s }] }
                  - { id: mail, keys: [{ id: %s, sha256: %s }] }
                  - { id: fresh, keys: [{ id: %s, sha256: %s }] }
                """.formatted(
                                Gateway.SEARCH.id(),
                                Gateway.SEARCH.sha256Hex(),
                                Gateway.MAIL.id(),
                                Gateway.MAIL.sha256Hex(),
                                FRESH.id(),
                                FRESH.sha256Hex()),
                URI.create(upstream.baseUrl()),
                properties.toArray(String[]::new));
        // WireMock's first answer takes longer than the gateway's patience here.
        gateway.send(HttpRequest.newBuilder(URI.create(upstream.baseUrl())).build());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.stop();
    }

    @BeforeEach
    void takeASlug() {
        slug = "slug" + NEXT_SLUG.getAndIncrement();
        upstream.resetAll();
    }

    @AfterEach
    void isAtRest() {
        AtRest.assertThatHolds(gateway);
    }

    @Test
    void opensAfterFailuresAndThenAnswersAtOnceByItself() {
        answers(aResponse().withStatus(500));
        for (int i = 0; i < 4; i++) {
            assertCode(502, "upstream_unavailable", call(Gateway.SEARCH));
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.FAILED);
        }
        Duration fastest = Duration.ofDays(1);
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            HttpResponse<String> answer = call(Gateway.SEARCH);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            fastest = took.compareTo(fastest) < 0 ? took : fastest;
            assertCode(503, "upstream_circuit_open", answer);
            assertThat(answer.headers().firstValueAsLong("retry-after")).hasValue(1);
            assertThat(answer.headers().firstValueAsLong("retry-after-ms")).hasValue(400);
            CallRecord record = gateway.record();
            assertThat(record.outcome()).isEqualTo(Outcome.REJECTED);
            assertThat(record.status()).isEqualTo(503);
            assertThat(record.errorCode()).isEqualTo("upstream_circuit_open");
            assertThat(record.tokens()).isEqualTo(TokenUsage.NONE);
        }
        assertThat(fastest).isLessThan(Duration.ofMillis(50));
        assertThat(requests()).isEqualTo(4);
    }

    @Test
    void letsOneProbeThroughAndClosesWhenItIsWell() {
        open(Gateway.SEARCH);
        answers(document());
        awaitProbe(Gateway.SEARCH, 200);
        for (int i = 0; i < 6; i++) {
            assertThat(call(Gateway.SEARCH).statusCode()).isEqualTo(200);
            gateway.record();
        }
    }

    @Test
    void opensAgainWhenTheProbeFails() {
        open(Gateway.SEARCH);
        awaitProbe(Gateway.SEARCH, 502);
        int before = requests();
        assertCode(503, "upstream_circuit_open", call(Gateway.SEARCH));
        gateway.record();
        assertThat(requests()).isEqualTo(before);
    }

    @Test
    void sendsNobodyElseWhileTheProbeIsOut() throws IOException {
        open(Gateway.SEARCH);
        answers(document().withFixedDelay(300));
        RawClient probe = probing();
        assertCode(503, "upstream_circuit_open", call(Gateway.SEARCH));
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(probe.readHead()).startsWith("HTTP/1.1 200 ");
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
        probe.close();
    }

    @Test
    void letsAnotherProbeWhenTheClientOfTheFirstLeaves() throws IOException {
        open(Gateway.SEARCH);
        answers(document().withFixedDelay(300));
        probing().close();
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.CANCELLED);
        answers(document());
        assertThat(call(Gateway.SEARCH).statusCode()).isEqualTo(200);
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void letsAnotherProbeWhenTheFirstIsRefused() {
        open(Gateway.SEARCH);
        answers(aResponse().withStatus(422).withBody("{\"error\":{}}"));
        awaitProbe(Gateway.SEARCH, 422);
        answers(document());
        assertThat(call(Gateway.SEARCH).statusCode()).isEqualTo(200);
        gateway.record();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 402, 403, 404, 413, 422, 429})
    void staysClosedWhenTheUpstreamRefuses(int status) {
        answers(aResponse().withStatus(status).withBody("{\"error\":{\"message\":\"No\"}}"));
        for (int i = 0; i < 10; i++) {
            call(Gateway.SEARCH);
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.REFUSED);
        }
        assertThat(requests()).isEqualTo(10);
    }

    @Test
    void staysClosedWhenClientsLeave() throws IOException {
        answers(document().withFixedDelay(2000));
        for (int i = 0; i < 10; i++) {
            int before = requests();
            RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body());
            AtRest.within(Duration.ofSeconds(2), () -> requests() == before + 1);
            client.close();
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.CANCELLED);
        }
        answers(document());
        assertThat(call(Gateway.SEARCH).statusCode()).isEqualTo(200);
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void staysClosedWhenRequestsAreBad() {
        answers(document());
        for (int i = 0; i < 10; i++) {
            send(Gateway.SEARCH, "{\"model\":\"" + slug + "\",");
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.REJECTED);
        }
        assertThat(call(Gateway.SEARCH).statusCode()).isEqualTo(200);
        gateway.record();
    }

    @Test
    void countsAStreamAsWellOnceItHasContent() {
        answers(aResponse().withHeader("content-type", "text/event-stream").withBody(EVENT));
        for (int i = 0; i < 10; i++) {
            assertThat(send(Gateway.SEARCH, body().replace("false", "true")).body())
                    .startsWith(EVENT)
                    .contains("upstream_unavailable");
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.FAILED);
        }
        assertThat(requests()).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void opensWhenTheConnectionBreaks(Fault fault) {
        answers(document().withFault(fault));
        opensAfterFour(Outcome.FAILED);
    }

    @Test
    void opensWhenTheAnswerIsNone() {
        answers(aResponse().withHeader("content-type", "application/json").withBody("<html>"));
        opensAfterFour(Outcome.FAILED);
    }

    @Test
    void opensWhenTheAnswerIsOfAnotherType() {
        answers(aResponse().withHeader("content-type", "text/html").withBody("<html>"));
        opensAfterFour(Outcome.FAILED);
    }

    @Test
    void opensWhenAnswersAreLate() {
        answers(document().withFixedDelay(2000));
        opensAfterFour(Outcome.TIMED_OUT);
    }

    @Test
    void opensForTheTenantWhoseCallsFailAndForNoOther() {
        failsFor("poison", 0);
        for (int i = 0; i < 4; i++) {
            poison();
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.FAILED);
        }
        mailIsServed(6);
        // The probes that the tenant's breaker lets through fail as well, and are the tenant's own affair, too.
        for (int probes = 0; probes < 2; probes++) {
            AtRest.every(Duration.ofMillis(50), Duration.ofSeconds(3), () -> {
                poison();
                return gateway.record().outcome() == Outcome.FAILED;
            });
        }
        mailIsServed(1);
    }

    @Test
    void opensForNoOtherTenantWhenManyCallsOfOneFailAtOnce() throws IOException {
        failsFor("poison", 300);
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(new RawClient(gateway).chat(Gateway.SEARCH, body().replace("[]", "\"poison\"")));
        }
        for (RawClient client : clients) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 502 ");
            gateway.record();
            client.close();
        }
        mailIsServed(1);
    }

    private void failsFor(String word, int delay) {
        answers(document());
        upstream.stubFor(post(urlEqualTo("/chat/completions"))
                .withRequestBody(containing(slug))
                .withRequestBody(containing(word))
                .willReturn(aResponse().withStatus(500).withFixedDelay(delay)));
    }

    private void poison() {
        send(Gateway.SEARCH, body().replace("[]", "\"poison\""));
    }

    private void mailIsServed(int calls) {
        for (int i = 0; i < calls; i++) {
            assertThat(call(Gateway.MAIL).statusCode()).isEqualTo(200);
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
        }
    }

    @Test
    void opensForAllWhenTheCallsOfSeveralTenantsFail() {
        answers(aResponse().withStatus(500));
        for (ApiKey key : List.of(Gateway.SEARCH, Gateway.MAIL, FRESH)) {
            for (int i = 0; i < 4; i++) {
                call(key);
                gateway.record();
            }
        }
        assertThat(requests()).as("4, 4, and 2 before all are stopped").isEqualTo(10);
        answers(document());
        assertCode(503, "upstream_circuit_open", call(FRESH));
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(requests()).isEqualTo(10);
        awaitProbe(FRESH, 200);
    }

    @Test
    void opensForOneSlugAndNoOther() {
        open(Gateway.SEARCH);
        slug = "slug" + NEXT_SLUG.getAndIncrement();
        answers(document());
        assertThat(call(Gateway.SEARCH).statusCode()).isEqualTo(200);
        gateway.record();
    }

    private void open(ApiKey key) {
        answers(aResponse().withStatus(500));
        for (int i = 0; i < 4; i++) {
            call(key);
            gateway.record();
        }
        assertCode(503, "upstream_circuit_open", call(key));
        gateway.record();
    }

    private void opensAfterFour(Outcome outcome) {
        for (int i = 0; i < 4; i++) {
            call(Gateway.SEARCH);
            assertThat(gateway.record().outcome()).isEqualTo(outcome);
        }
        int before = requests();
        assertCode(503, "upstream_circuit_open", call(Gateway.SEARCH));
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.REJECTED);
        assertThat(requests()).isEqualTo(before);
    }

    /** Calls until the breaker lets one through, which must end as said. */
    private void awaitProbe(ApiKey key, int status) {
        AtRest.every(Duration.ofMillis(50), Duration.ofSeconds(3), () -> {
            HttpResponse<String> answer = call(key);
            gateway.record();
            if (answer.statusCode() != 503) {
                assertThat(answer.statusCode()).isEqualTo(status);
                return true;
            }
            return false;
        });
    }

    /** A client whose call was let through as the probe and is not answered yet. */
    private RawClient probing() {
        List<RawClient> probes = new ArrayList<>();
        AtRest.every(Duration.ofMillis(50), Duration.ofSeconds(3), () -> {
            int before = requests();
            RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body());
            AtRest.within(Duration.ofSeconds(2), () -> requests() > before || gateway.unreadRecords() > 0);
            if (gateway.unreadRecords() > 0) {
                gateway.record();
                client.close();
                return false;
            }
            probes.add(client);
            return true;
        });
        return probes.getFirst();
    }

    private void answers(ResponseDefinitionBuilder response) {
        upstream.stubFor(post(urlEqualTo("/chat/completions"))
                .withRequestBody(containing(slug))
                .willReturn(response));
    }

    private static ResponseDefinitionBuilder document() {
        return aResponse().withHeader("content-type", "application/json").withBody(DOCUMENT);
    }

    private int requests() {
        return upstream.findAll(postRequestedFor(urlEqualTo("/chat/completions"))
                        .withRequestBody(containing("\"" + slug + "\"")))
                .size();
    }

    private String body() {
        return "{\"model\":\"" + slug + "\",\"stream\":false,\"messages\":[]}";
    }

    private HttpResponse<String> call(ApiKey key) {
        return send(key, body());
    }

    private static HttpResponse<String> send(ApiKey key, String body) {
        return gateway.send(gateway.request("/chat/completions", key)
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private static void assertCode(int status, String code, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        var error = JsonMapper.shared().readTree(answer.body()).path("error");
        assertThat(error.path("type").stringValue()).isEqualTo("server_error");
        assertThat(error.path("code").stringValue()).isEqualTo(code);
    }
}

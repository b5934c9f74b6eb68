package io.deepgate;

import static io.deepgate.TraceCollector.attributes;
import static io.deepgate.TraceCollector.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a real receiver of OTLP is sent of calls, and what is sent to upstreams of their traces. */
class TracesTests {

    private static final String PARENT = "00f067aa0ba902b7";
    private static final String DOCUMENT = "{\"choices\":[{\"message\":{\"content\":\"Hello\"}}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";

    private static final List<String> heads = new CopyOnWriteArrayList<>();
    private static TraceCollector collector;
    private static Sandbox sandbox;
    private static RawUpstream upstream;
    private static Gateway gateway;

    private final String traceId = newTraceId();

    @BeforeAll
    static void start() {
        collector = TraceCollector.start();
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofMillis(50), "sk-sandbox"));
        upstream = RawUpstream.start().does(connection -> {
            connection.readRequest();
            heads.add(connection.head().toLowerCase(Locale.ROOT));
            connection.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
                    + "content-length: " + DOCUMENT.length() + "\r\n\r\n" + DOCUMENT);
        });
        gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                collector.properties(
                        "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=1000",
                        "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=1000",
                        "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=10000",
                        "gateway.forward.retries.most=1",
                        "gateway.forward.retries.backoff=1ms",
                        "gateway.catalog.upstreams.hasty.base-url=" + sandbox.baseUrl(),
                        "gateway.catalog.upstreams.hasty.api-key=sk-hasty",
                        "gateway.catalog.upstreams.hasty.first-content-timeout=200ms",
                        "gateway.catalog.aliases.hasty.slug=deepseek-flash",
                        "gateway.catalog.aliases.hasty.upstream=hasty",
                        "gateway.catalog.upstreams.nowhere.base-url=http://127.0.0.1:1",
                        "gateway.catalog.upstreams.nowhere.api-key=sk-nowhere",
                        "gateway.catalog.aliases.over.slug=deepseek-flash",
                        "gateway.catalog.aliases.over.routes[0].upstream=nowhere",
                        "gateway.catalog.aliases.over.routes[1].upstream=deepseek",
                        "gateway.catalog.aliases.over.routes[1].priority=1",
                        "gateway.catalog.upstreams.told.base-url=" + upstream.baseUrl(),
                        "gateway.catalog.upstreams.told.api-key=sk-told",
                        "gateway.catalog.upstreams.told.send-trace=true",
                        "gateway.catalog.aliases.told.slug=qwen3",
                        "gateway.catalog.aliases.told.upstream=told",
                        "gateway.catalog.upstreams.untold.base-url=" + upstream.baseUrl(),
                        "gateway.catalog.upstreams.untold.api-key=sk-untold",
                        "gateway.catalog.aliases.untold.slug=qwen3",
                        "gateway.catalog.aliases.untold.upstream=untold"));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
        upstream.close();
        collector.close();
    }

    @Test
    void goOnWithTheCallersTraceDownToTheUpstream() {
        assertThat(ask("deepseek-flash", "Hello", true).statusCode()).isEqualTo(200);

        List<Span> spans = collector.of(gateway, traceId);
        assertThat(spans).hasSize(2);
        Span call = spans.getFirst();
        Span attempt = spans.getLast();
        assertThat(call.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(call.getName()).isEqualTo("POST /chat/completions");
        assertThat(hex(call.getParentSpanId())).isEqualTo(PARENT);
        assertThat(attributes(call))
                .containsEntry("gen_ai.operation.name", "chat")
                .containsEntry("gen_ai.provider.name", "deepseek")
                .containsEntry("gen_ai.request.model", "deepseek-flash")
                .containsEntry("gen_ai.request.stream", true)
                .containsEntry("http.response.status_code", 200L)
                .containsEntry("gateway.tenant", "search")
                .containsEntry("gateway.key.id", Gateway.SEARCH.id())
                .containsEntry("gateway.outcome", "completed")
                .containsKeys(
                        "gen_ai.usage.input_tokens",
                        "gen_ai.usage.output_tokens",
                        "gen_ai.usage.cache_read.input_tokens",
                        "gen_ai.usage.reasoning.output_tokens",
                        "gen_ai.response.model",
                        "gateway.request.id")
                .doesNotContainKey("error.type");
        assertThat(attempt.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
        assertThat(attempt.getName()).isEqualTo("chat deepseek-flash");
        assertThat(attempt.getParentSpanId()).isEqualTo(call.getSpanId());
        assertThat(attributes(attempt))
                .containsEntry("gen_ai.operation.name", "chat")
                .containsEntry("gen_ai.provider.name", "deepseek")
                .containsEntry("gen_ai.request.model", "deepseek-flash")
                .containsEntry("server.address", sandbox.baseUrl().getHost())
                .containsEntry("server.port", (long) sandbox.baseUrl().getPort())
                .containsEntry("http.response.status_code", 200L)
                .containsEntry("gateway.upstream", "deepseek")
                .containsEntry("gateway.outcome", "completed")
                .doesNotContainKey("error.type");
        assertThat(attempt.getEndTimeUnixNano()).isLessThanOrEqualTo(call.getEndTimeUnixNano());
    }

    @Test
    void haveASpanForEachAttempt() {
        assertThat(ask("deepseek-flash", "[[status 503]]", false).statusCode()).isEqualTo(503);

        List<Span> spans = collector.of(gateway, traceId);
        assertThat(spans).hasSize(3);
        assertThat(spans.getFirst().getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
        assertThat(attributes(spans.getFirst()))
                .containsEntry("error.type", "upstream_unavailable")
                .containsEntry("gateway.outcome", "failed");
        assertThat(spans.subList(1, 3)).allSatisfy(attempt -> {
            assertThat(attempt.getParentSpanId()).isEqualTo(spans.getFirst().getSpanId());
            assertThat(attempt.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
            assertThat(attributes(attempt))
                    .containsEntry("error.type", "failed")
                    .containsEntry("http.response.status_code", 503L);
        });
    }

    @Test
    void nameTheUpstreamsOfAFailover() {
        assertThat(ask("over", "Hello", true).statusCode()).isEqualTo(200);

        List<Span> spans = collector.of(gateway, traceId);
        assertThat(spans).hasSize(3);
        Span call = spans.getFirst();
        assertThat(call.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(call.getStatus().getCode()).isNotEqualTo(StatusCode.STATUS_CODE_ERROR);
        assertThat(attributes(call)).containsEntry("gateway.outcome", "completed");
        assertThat(spans.subList(1, 3))
                .allMatch(attempt -> attempt.getParentSpanId().equals(call.getSpanId()));
        assertThat(attributes(spans.get(1)))
                .containsEntry("gateway.upstream", "nowhere")
                .containsEntry("server.port", 1L)
                .containsEntry("gateway.outcome", "failed")
                .containsEntry("error.type", "failed");
        assertThat(attributes(spans.get(2)))
                .containsEntry("gateway.upstream", "deepseek")
                .containsEntry("gateway.outcome", "completed")
                .doesNotContainKey("error.type");
    }

    @Test
    void endOnceWhateverEndsACall() throws IOException {
        ends("deepseek-flash", "[[reset after 1]]", "failed", "failed");
        ends("deepseek-flash", "[[garbage after 1]]", "failed", "failed");
        ends("deepseek-flash", "[[close after 1]]", "failed", "failed");
        ends("hasty", "[[stall]]", "timed_out", "timed_out");
        ends("deepseek-flash", "[[status 429]]", "refused", "rate_limited");
        String trace = newTraceId();
        try (RawClient client = new RawClient(gateway)) {
            String body = body("deepseek-flash", "[[never ends]]", true);
            client.send(RawClient.chatHead(Gateway.SEARCH, body.length(), "traceparent: " + parent(trace)) + body);
            client.readUntil("data: {");
            client.reset();
        }
        isEnded(collector.of(gateway, trace), "cancelled", "cancelled");
    }

    private void ends(String model, String prompt, String outcome, String result) {
        String trace = newTraceId();
        gateway.send(request(trace)
                .POST(BodyPublishers.ofString(body(model, prompt, true)))
                .build());
        isEnded(collector.of(gateway, trace), outcome, result);
    }

    private static void isEnded(List<Span> spans, String outcome, String result) {
        assertThat(spans)
                .filteredOn(span -> span.getKind() == Span.SpanKind.SPAN_KIND_SERVER)
                .singleElement()
                .satisfies(call -> assertThat(attributes(call)).containsEntry("gateway.outcome", outcome));
        assertThat(spans)
                .filteredOn(span -> span.getKind() == Span.SpanKind.SPAN_KIND_CLIENT)
                .isNotEmpty()
                .allSatisfy(attempt -> assertThat(attributes(attempt)).containsEntry("gateway.outcome", result));
        assertThat(spans).extracting(Span::getSpanId).doesNotHaveDuplicates();
    }

    @Test
    void haveNoAttemptWhereTheCallIsRejected() {
        gateway.send(
                request(traceId).POST(BodyPublishers.ofString("{\"model\":1}")).build());

        assertThat(collector.of(gateway, traceId)).singleElement().satisfies(call -> {
            assertThat(attributes(call))
                    .containsEntry("gateway.outcome", "rejected")
                    .containsEntry("http.response.status_code", 400L);
            assertThat(call.getStatus().getCode()).isNotEqualTo(StatusCode.STATUS_CODE_ERROR);
        });
    }

    @Test
    void areToldOnlyToUpstreamsThatAreToKnow() {
        heads.clear();
        ask("untold", "Hello", false);
        ask("told", "Hello", false);

        Span attempt = collector.of(gateway, traceId).getLast();
        assertThat(heads).hasSize(2);
        assertThat(heads.getFirst()).doesNotContain("traceparent", "tracestate", traceId);
        assertThat(heads.getLast()).contains("traceparent: 00-" + traceId + "-" + hex(attempt.getSpanId()) + "-01");
    }

    @Test
    void areNamedByBuckets() {
        ask("deepseek-flash", "Hello", true);
        AtRest.assertThatHasNoOpenCall(gateway);

        URI scrape = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus");
        String metrics = gateway.send(HttpRequest.newBuilder(scrape)
                        .header("accept", "application/openmetrics-text; version=1.0.0")
                        .build())
                .body();
        for (String histogram : List.of("time_to_first_token", "time_per_output_token", "request_duration")) {
            String name = "gen_ai_server_" + histogram + "_seconds_bucket";
            assertThat(metrics.lines().filter(line -> line.startsWith(name)))
                    .as(name)
                    .anyMatch(line -> line.matches(".* # \\{span_id=\"[0-9a-f]{16}\",trace_id=\"[0-9a-f]{32}\"} .*"));
        }
    }

    @Test
    void holdNothingSecret() {
        ask("deepseek-flash", Overheard.CANARY, false);
        ask("deepseek-flash", "[[status 401]] " + Overheard.CANARY, false);

        assertThat(collector.of(gateway, traceId)).hasSizeGreaterThan(3);
        assertThat(collector.text())
                .contains("gen_ai.request.model")
                .doesNotContain("canary", Gateway.UPSTREAM_KEY, Gateway.SEARCH.value(), "sk-told");
    }

    private HttpResponse<String> ask(String model, String prompt, boolean stream) {
        return gateway.send(request(traceId)
                .POST(BodyPublishers.ofString(body(model, prompt, stream)))
                .build());
    }

    private static HttpRequest.Builder request(String trace) {
        return gateway.request("/chat/completions", Gateway.SEARCH).header("traceparent", parent(trace));
    }

    private static String body(String model, String prompt, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                + prompt + " " + Overheard.CANARY + "\"}]}";
    }

    private static String parent(String trace) {
        return "00-" + trace + "-" + PARENT + "-01";
    }

    private static String newTraceId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return HexFormat.of().toHexDigits(random.nextLong()) + HexFormat.of().toHexDigits(random.nextLong() | 1);
    }
}

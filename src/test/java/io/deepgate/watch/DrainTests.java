package io.deepgate.watch;

import static io.deepgate.TraceCollector.attributes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.InternalServerException;
import com.openai.errors.OpenAIException;
import com.openai.errors.SseException;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionUsage;
import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.GatewayProcess;
import io.deepgate.RawClient;
import io.deepgate.RawUpstream;
import io.deepgate.TraceCollector;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A real process gets SIGTERM while OpenAI's SDK streams from it. */
@Timeout(90)
class DrainTests {

    private static final int STREAMS = 12;
    private static final int TOO_LONG = 3;
    private static final String CHAT = "{\"model\":\"deepseek-flash\",\"messages\":[]}";

    @TempDir
    private Path folder;

    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger begun = new AtomicInteger();
    private Sandbox sandbox;
    private RawUpstream flood;
    private TraceCollector collector;
    private GatewayProcess gateway;
    private OpenAIClient client;

    /** What a caller saw of a stream. */
    private record Seen(List<ChatCompletionChunk> chunks, OpenAIException failure) {

        boolean whole() {
            return failure == null
                    && chunks.stream()
                            .flatMap(chunk -> chunk.choices().stream())
                            .anyMatch(choice -> choice.finishReason().isPresent());
        }

        long outputTokens() {
            return chunks.stream()
                    .flatMap(chunk -> chunk.usage().stream())
                    .mapToLong(CompletionUsage::completionTokens)
                    .sum();
        }
    }

    @BeforeEach
    void startUpstreams() {
        collector = TraceCollector.start();
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 1000, Duration.ofMillis(50), "sk-sandbox"));
        String event = "data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(50_000) + "\"}}]}\n\n";
        flood = RawUpstream.start().does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.chunk(event);
            }
        });
    }

    @AfterEach
    void stop() {
        client.close();
        gateway.close();
        sandbox.close();
        flood.close();
        collector.close();
        callers.close();
    }

    @Test
    void letsStreamsEndAndCutsWhatTakesTooLong() throws Exception {
        start("6s");
        List<Future<Seen>> streams = IntStream.range(0, STREAMS)
                .mapToObj(i -> callers.submit(() -> stream("[[rate 50]] [[tokens 150]]")))
                .toList();
        List<Future<Seen>> tooLong = IntStream.range(0, TOO_LONG)
                .mapToObj(i -> callers.submit(() -> stream("[[rate 50]] [[tokens 100000]]")))
                .toList();
        Future<InternalServerException> unanswered = callers.submit(() -> catchThrowableOfType(
                InternalServerException.class, () -> client.chat().completions().create(chat("[[stall]]"))));
        RawClient halfSent = connect().send(RawClient.chatHead(Gateway.SEARCH, 1000) + "{");
        RawClient reader = connect(2048).chat(Gateway.SEARCH, "{\"model\":\"flood\",\"stream\":true}");
        reader.readHead();
        int calls = STREAMS + TOO_LONG + 3;
        AtRest.within(Duration.ofSeconds(20), () -> begun.get() == STREAMS + TOO_LONG && inFlight() == calls);

        gateway.terminate();

        AtRest.within(
                Duration.ofSeconds(5),
                () -> management("/actuator/health/readiness").statusCode() == 503);
        assertThat(management("/actuator/health/liveness").statusCode()).isEqualTo(200);
        String refused = connect().chat(Gateway.SEARCH, CHAT).readAll();
        assertThat(refused.toLowerCase(Locale.ROOT))
                .startsWith("http/1.1 503 ")
                .contains("\r\nconnection: close\r\n")
                .contains("\r\nretry-after: 1\r\n")
                .contains("\"code\":\"draining\"");

        long output = 0;
        for (Future<Seen> stream : streams) {
            assertThat(stream.get().whole())
                    .as("a stream that ends in time is whole")
                    .isTrue();
            output += stream.get().outputTokens();
        }
        for (Future<Seen> stream : tooLong) {
            assertThat(stream.get().chunks()).hasSizeGreaterThan(10);
            assertThat(stream.get().failure())
                    .isInstanceOfSatisfying(
                            SseException.class,
                            failure -> assertThat(failure.code()).contains("draining"));
        }
        assertThat(unanswered.get().code()).contains("draining");
        assertThat(halfSent.readAnswer()).contains("\"code\":\"draining\"");

        assertThat(gateway.exitCode(Duration.ofSeconds(20)))
                .as(gateway.output())
                .isZero();
        assertThat(gateway.output())
                .contains("Draining: " + calls + " calls in flight have 6 s to end")
                .containsPattern("Draining: \\d+ calls left")
                .contains("Drained: " + STREAMS + " calls ended, " + (calls - STREAMS) + " were cut");
        assertThat(gateway.calls()).as("records").hasSize(calls + 1);
        assertThat(ended("COMPLETED", null)).hasSize(STREAMS);
        assertThat(ended("REJECTED", "draining")).hasSize(1);
        assertThat(ended("TIMED_OUT", "draining")).hasSize(calls - STREAMS);
        assertThat(ended("COMPLETED", null).stream()
                        .mapToLong(call -> call.at("/tokens/output").longValue())
                        .sum())
                .as("output tokens recorded as the callers were told")
                .isEqualTo(output)
                .isPositive();
        reader.close();
        everySpanHasEnded(calls + 1);
    }

    /** Those of calls that were cut as well, and all were sent before the process ended. */
    private void everySpanHasEnded(int calls) {
        List<Span> spans = collector.received().stream()
                .filter(span -> span.getKind() == Span.SpanKind.SPAN_KIND_SERVER)
                .toList();
        assertThat(spans)
                .hasSize(calls)
                .allSatisfy(span -> assertThat(span.getEndTimeUnixNano()).isGreaterThan(span.getStartTimeUnixNano()));
        assertThat(spans)
                .filteredOn(span -> "timed_out".equals(attributes(span).get("gateway.outcome")))
                .hasSize(calls - 1 - STREAMS)
                .allSatisfy(span -> assertThat(attributes(span)).containsEntry("error.type", "draining"));
        assertThat(collector.received())
                .filteredOn(span -> span.getKind() == Span.SpanKind.SPAN_KIND_CLIENT)
                .as("attempts, and all but the call whose body never came have one")
                .hasSize(calls - 2);
    }

    @Test
    void endsAtOnceOnASecondSignal() throws Exception {
        start("60s");
        Future<Seen> stream = callers.submit(() -> stream("[[rate 50]] [[tokens 100000]]"));
        AtRest.within(Duration.ofSeconds(20), () -> begun.get() == 1);

        gateway.terminate();
        AtRest.within(Duration.ofSeconds(5), () -> gateway.says("Draining: 1 calls in flight"));
        gateway.terminate();

        assertThat(gateway.exitCode(Duration.ofSeconds(2))).isEqualTo(128 + 15);
        assertThat(stream.get().whole()).isFalse();
    }

    private void start(String drainTimeout) throws IOException {
        gateway = GatewayProcess.inFrontOf(
                sandbox.baseUrl(),
                folder,
                List.of("-XX:TieredStopAtLevel=1"),
                collector.properties(
                        "gateway.watch.drain-timeout=" + drainTimeout,
                        "gateway.catalog.upstreams.flood.base-url=" + flood.baseUrl(),
                        "gateway.catalog.upstreams.flood.api-key=" + Gateway.UPSTREAM_KEY,
                        "gateway.catalog.aliases.flood.slug=flood",
                        "gateway.catalog.aliases.flood.upstream=flood"));
        client = OpenAIOkHttpClient.builder()
                .baseUrl("http://127.0.0.1:" + gateway.port() + "/v1")
                .apiKey(Gateway.SEARCH.value())
                .maxRetries(0)
                .build();
    }

    private Seen stream(String message) {
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        OpenAIException failure = catchThrowableOfType(OpenAIException.class, () -> {
            try (var stream = client.chat().completions().createStreaming(chat(message))) {
                stream.stream().forEach(chunk -> {
                    if (chunks.isEmpty()) {
                        begun.incrementAndGet();
                    }
                    chunks.add(chunk);
                });
            }
        });
        return new Seen(chunks, failure);
    }

    private static ChatCompletionCreateParams chat(String message) {
        return ChatCompletionCreateParams.builder()
                .model("deepseek-flash")
                .addUserMessage(message)
                .build();
    }

    private RawClient connect() throws IOException {
        return RawClient.connect(gateway.port());
    }

    private RawClient connect(int receiveBuffer) throws IOException {
        return RawClient.connect(gateway.port(), receiveBuffer);
    }

    private int inFlight() {
        return management("/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("gateway_admission_open_calls "))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElseThrow();
    }

    private List<JsonNode> ended(String outcome, String errorCode) {
        return gateway.calls().stream()
                .filter(call -> text(call, "outcome").equals(outcome))
                .filter(call -> errorCode == null || text(call, "error.code").equals(errorCode))
                .toList();
    }

    private static String text(JsonNode call, String name) {
        return call.at("/" + name.replace('.', '/')).asString("");
    }

    private HttpResponse<String> management(String path) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + path);
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

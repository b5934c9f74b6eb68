package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.deepgate.LogLines;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CallLogTests {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LogLines lines = LogLines.of(CallLog.class);
    private final CallLog log = new CallLog(registry);

    @AfterEach
    void closes() throws Exception {
        log.close();
        lines.close();
    }

    @Test
    void writesALineForEachCall() {
        log.add(Records.completed());
        log.add(Records.rejected(429, "rate_limit_exceeded"));

        await().until(() -> lines.events().size() == 2);
        assertThat(lines.texts())
                .containsExactly(
                        "INFO search fast COMPLETED 200 141 tokens, 2500 ms",
                        "INFO search null REJECTED 429 0 tokens, 1 ms");
    }

    @Test
    void namesTheTraceOfACall() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        log.add(Records.traced(
                SpanContext.create(trace, "00f067aa0ba902b7", TraceFlags.getSampled(), TraceState.getDefault())));
        log.add(Records.completed());

        await().until(() -> lines.events().size() == 2);
        assertThat(fields(lines.events().getFirst())).containsEntry("trace.id", trace);
        assertThat(fields(lines.events().getLast())).doesNotContainKey("trace.id");
    }

    @Test
    void saysAllOfACallInFields() {
        log.add(Records.completed());

        await().until(() -> lines.events().size() == 1);
        assertThat(fields(lines.events().getFirst()))
                .containsEntry("http.request.id", "019ab3c4-0000-7000-8000-000000000001")
                .containsEntry("tenant", "search")
                .containsEntry("key_id", "k7Qm2x")
                .containsEntry("gen_ai.operation.name", "chat")
                .containsEntry("alias", "fast")
                .containsEntry("gen_ai.request.model", "deepseek-flash")
                .containsEntry("gen_ai.response.model", "whatever-the-upstream-says")
                .containsEntry("upstream", "deepseek")
                .containsEntry("attempts", "1")
                .containsEntry("stream", "true")
                .containsEntry("outcome", "COMPLETED")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("tokens.input_cached", "64")
                .containsEntry("tokens.input_uncached", "36")
                .containsEntry("tokens.output", "41")
                .containsEntry("tokens.reasoning", "17")
                .containsEntry("tokens.estimated", "false")
                .containsEntry("duration_ms", "2500")
                .containsEntry("time_to_first_token_ms", "500");
    }

    @Test
    void leavesOutWhatThereWasNot() {
        log.add(Records.rejected(404, "model_not_found"));

        await().until(() -> lines.events().size() == 1);
        assertThat(fields(lines.events().getFirst()))
                .containsEntry("error.code", "model_not_found")
                .doesNotContainKey("time_to_first_token_ms");
    }

    @Test
    void writesWhatIsLeftWhenItCloses() throws Exception {
        for (int i = 0; i < 5000; i++) {
            log.add(Records.completed());
        }

        log.close();

        assertThat(lines.events()).hasSize(5000);
    }

    @Test
    @Timeout(30)
    void neverWaitsForASlowConsole() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        AtomicInteger count = new AtomicInteger();
        AppenderBase<ILoggingEvent> console = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                try {
                    written.await();
                    count.incrementAndGet();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        Logger logger = (Logger) LoggerFactory.getLogger(CallLog.class);
        logger.detachAppender(lines);
        console.start();
        logger.addAppender(console);
        try {
            for (int i = 0; i < 25_000; i++) {
                log.add(Records.completed());
            }
            double dropped = registry.get("gateway.usage.log.dropped").counter().count();
            assertThat(dropped).isBetween(4999.0, 5000.0);
            assertThat(count).hasValue(0);

            written.countDown();
            await().atMost(20, TimeUnit.SECONDS).until(() -> count.get() == 25_000 - (int) dropped);
        } finally {
            written.countDown();
            logger.detachAppender(console);
        }
    }

    @Test
    void speaksTheElasticCommonSchema() {
        log.add(Records.completed());
        await().until(() -> lines.events().size() == 1);

        JsonNode line = ecs(lines.events().getFirst());

        assertThat(line.at("/log/level").stringValue()).isEqualTo("INFO");
        assertThat(line.at("/http/request/id").stringValue()).isEqualTo("019ab3c4-0000-7000-8000-000000000001");
        assertThat(line.at("/http/response/status_code").intValue()).isEqualTo(200);
        assertThat(line.at("/tenant").stringValue()).isEqualTo("search");
        assertThat(line.at("/key_id").stringValue()).isEqualTo("k7Qm2x");
        assertThat(line.at("/gen_ai/request/model").stringValue()).isEqualTo("deepseek-flash");
        assertThat(line.at("/tokens/input_cached").intValue()).isEqualTo(64);
        assertThat(line.at("/tokens/output").intValue()).isEqualTo(41);
        assertThat(line.at("/outcome").stringValue()).isEqualTo("COMPLETED");
    }

    @Test
    void speaksTheElasticCommonSchemaOfCallsWithoutModel() {
        log.add(Records.rejected(404, "model_not_found"));
        await().until(() -> lines.events().size() == 1);

        JsonNode line = ecs(lines.events().getFirst());

        assertThat(line.at("/error/code").stringValue()).isEqualTo("model_not_found");
        assertThat(line.at("/outcome").stringValue()).isEqualTo("REJECTED");
    }

    @Test
    void writesTheLinesThatSpringBootWould() {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        log.add(Records.completed());
        log.add(Records.unpriced());
        log.add(Records.rejected(404, "model_not_found"));
        log.add(Records.traced(
                SpanContext.create(trace, "00f067aa0ba902b7", TraceFlags.getSampled(), TraceState.getDefault())));
        await().until(() -> lines.events().size() == 4);
        MockEnvironment environment = new MockEnvironment()
                .withProperty("spring.application.name", "deepgate")
                .withProperty("spring.application.version", "1.0")
                .withProperty("spring.application.pid", "4711")
                .withProperty("logging.structured.ecs.service.environment", "test");
        EcsLines ours = new EcsLines(environment);

        assertThat(lines.events()).allSatisfy(event -> {
            String line = ours.format(event);
            assertThat(line).endsWith("}\n");
            assertThat(JsonMapper.shared().readTree(line)).isEqualTo(ecs(event, environment));
        });
    }

    @Test
    void writesLinesThatFollowOneAnotherAtOnce() throws Exception {
        EcsLines ours = new EcsLines(new MockEnvironment());
        List<String> writes = new CopyOnWriteArrayList<>();
        CountDownLatch all = new CountDownLatch(1);
        AppenderBase<ILoggingEvent> console = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                try {
                    all.await();
                    writes.add(ours.format(event));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        Logger logger = (Logger) LoggerFactory.getLogger(CallLog.class);
        console.start();
        logger.addAppender(console);
        try {
            for (int i = 0; i < 100; i++) {
                log.add(Records.one(i));
            }
            all.countDown();
            await().until(() -> writes.size() == 100);
        } finally {
            logger.detachAppender(console);
        }

        writes.removeIf(String::isEmpty);
        assertThat(writes)
                .hasSizeLessThan(20)
                .allSatisfy(lines -> assertThat(lines).endsWith("}\n"));
        assertThat(String.join("", writes)
                        .lines()
                        .map(JsonMapper.shared()::readTree)
                        .map(line -> line.at("/duration_ms").intValue()))
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
    }

    /** What Boot writes with logging.structured.format.console=ecs. */
    private static JsonNode ecs(ILoggingEvent event) {
        return ecs(event, new MockEnvironment());
    }

    private static JsonNode ecs(ILoggingEvent event, Environment environment) {
        LoggerContext context = new LoggerContext();
        context.putObject(Environment.class.getName(), environment);
        StructuredLogEncoder encoder = new StructuredLogEncoder();
        encoder.setContext(context);
        encoder.setFormat("ecs");
        encoder.start();
        return JsonMapper.shared().readTree(encoder.encode(event));
    }

    private static Map<String, String> fields(ILoggingEvent event) {
        assertThat(event.getLevel()).isEqualTo(Level.INFO);
        return event.getKeyValuePairs().stream()
                .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
    }
}

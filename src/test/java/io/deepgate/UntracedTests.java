package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;

/** Without a collector there are no spans: only the trace that a caller names is passed on to the record. */
class UntracedTests {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String BODY = "{\"model\":\"deepseek-flash\",\"messages\":[]}";

    @Test
    void haveTheTraceOfTheirCallerAndTellNoUpstream() {
        List<String> heads = new CopyOnWriteArrayList<>();
        try (RawUpstream upstream = RawUpstream.start().does(connection -> {
                    connection.readRequest();
                    heads.add(connection.head().toLowerCase(Locale.ROOT));
                });
                Gateway gateway =
                        Gateway.inFrontOf(upstream.baseUrl(), "gateway.catalog.upstreams.deepseek.send-trace=true")) {
            gateway.send(gateway.request("/chat/completions", Gateway.SEARCH)
                    .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                    .POST(BodyPublishers.ofString(BODY))
                    .build());
            assertThat(gateway.record().trace().getTraceId()).isEqualTo(TRACE);
            gateway.send(gateway.request("/chat/completions", Gateway.SEARCH)
                    .header("traceparent", "nonsense")
                    .POST(BodyPublishers.ofString(BODY))
                    .build());
            assertThat(gateway.record().trace().isValid()).isFalse();
            gateway.chat(BODY);
            assertThat(gateway.record().trace().isValid()).isFalse();

            assertThat(heads).hasSize(3).allSatisfy(head -> assertThat(head).doesNotContain("traceparent"));
            for (Class<?> type : List.of(OpenTelemetry.class, Tracer.class)) {
                assertThatExceptionOfType(NoSuchBeanDefinitionException.class).isThrownBy(() -> gateway.bean(type));
            }
        }
    }
}

package io.deepgate.usage;

import io.opentelemetry.api.trace.Tracer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Traces: Boot's own configuration of OpenTelemetry, but only where it is told who collects them. */
@Configuration(proxyBeanMethods = false)
class TracesConfiguration {

    @Bean
    CallTraces callTraces(ObjectProvider<Tracer> tracer) {
        return new CallTraces(tracer.getIfAvailable());
    }

    /** What a gateway that traces nothing does without. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty("management.opentelemetry.tracing.export.otlp.endpoint")
    @Import({
        OpenTelemetrySdkAutoConfiguration.class,
        OpenTelemetryTracingAutoConfiguration.class,
        OtlpTracingAutoConfiguration.class
    })
    static class Collected {

        @Bean
        Exemplars exemplars() {
            return new Exemplars();
        }
    }
}

package io.deepgate.usage;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
class UsageConfiguration {

    @Bean(destroyMethod = "close")
    CallLog callLog(MeterRegistry registry) {
        return new CallLog(registry);
    }

    @Bean
    UsageMeters usageMeters(MeterRegistry registry) {
        return new UsageMeters(registry);
    }

    @Bean
    UsageRecorder usageRecorder(List<RecordSink> sinks) {
        return new UsageRecorder(sinks);
    }
}

package io.deepgate.usage;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
class UsageConfiguration {

    @Bean
    CallLog callLog(MeterRegistry registry) {
        return new CallLog(registry);
    }

    @Bean
    UsageRecorder usageRecorder(MeterRegistry registry, CallLog log) {
        return new UsageRecorder(new UsageMeters(registry), log);
    }
}

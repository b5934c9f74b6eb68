package io.deepgate.admission;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AdmissionProperties.class, Capacity.class})
class AdmissionConfiguration {

    @Bean
    Limiter limiter(AdmissionProperties properties, MeterRegistry registry) {
        return new Limiter(properties, System::nanoTime, registry);
    }

    @Bean
    OpenCalls openCalls(Capacity capacity, MeterRegistry registry) {
        return new OpenCalls(capacity, registry);
    }
}

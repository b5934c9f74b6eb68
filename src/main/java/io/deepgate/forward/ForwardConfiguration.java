package io.deepgate.forward;

import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ForwardProperties.class)
class ForwardConfiguration {

    @Bean
    UpstreamClients upstreamClients(ForwardProperties properties) {
        return new UpstreamClients(properties);
    }

    @Bean
    Forwarder forwarder(UpstreamClients clients, CircuitBreakerRegistry registry, MeterRegistry meters) {
        return new Forwarder(clients, new Breakers(registry), new AttemptMeters(meters));
    }

    @Bean
    UpstreamModels upstreamModels(UpstreamClients clients) {
        return new UpstreamModels(clients);
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.LiveCatalog;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.circuitbreaker.event.CircuitBreakerEvent;
import io.github.resilience4j.consumer.EventConsumerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import org.springframework.beans.factory.ObjectProvider;
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
    Keyring keyring(LiveCatalog catalog, ForwardProperties properties, MeterRegistry meters) {
        return new Keyring(() -> catalog.current().upstreams(), properties.keyRest(), System::nanoTime, meters);
    }

    @Bean
    EventConsumerRegistry<CircuitBreakerEvent> noBreakerEvents() {
        return new NoBreakerEvents();
    }

    @Bean
    Forwarder forwarder(
            UpstreamClients clients,
            Keyring keyring,
            ForwardProperties properties,
            CircuitBreakerRegistry registry,
            MeterRegistry meters,
            ObjectProvider<Tracer> tracer) {
        return new Forwarder(
                clients,
                keyring,
                new Concurrencies(properties, meters),
                new Breakers(registry),
                new Retries(properties.retries()),
                new AttemptMeters(meters),
                tracer.getIfAvailable());
    }

    @Bean
    UpstreamModels upstreamModels(UpstreamClients clients, Keyring keyring) {
        return new UpstreamModels(clients, keyring);
    }
}

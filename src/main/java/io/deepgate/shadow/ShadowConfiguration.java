package io.deepgate.shadow;

import io.deepgate.admission.OpenCalls;
import io.deepgate.catalog.Rewrite;
import io.deepgate.forward.Forwarder;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ShadowProperties.class)
class ShadowConfiguration {

    @Bean(destroyMethod = "close")
    @ConditionalOnWebApplication
    Shadows shadows(
            OpenCalls calls,
            Forwarder forwarder,
            Rewrite rewrite,
            ShadowSink sink,
            ShadowProperties properties,
            MeterRegistry registry) {
        return new Shadows(calls, forwarder, rewrite, sink, properties, registry, InstantSource.system());
    }
}

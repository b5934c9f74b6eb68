package io.deepgate.access;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessProperties.class)
class AccessConfiguration {

    @Bean
    @ConditionalOnProperty("gateway.access.local.tenant")
    LocalTenant localTenant(AccessProperties properties) {
        return new LocalTenant(Objects.requireNonNull(properties.local()));
    }

    @Bean
    TenantsFile tenantsFile(AccessProperties properties, ObjectProvider<LocalTenant> local, MeterRegistry registry) {
        return new TenantsFile(properties.tenantsFile(), properties.reload(), local.getIfAvailable(), registry);
    }

    @Bean
    ApiKeySecurity apiKeySecurity(TenantsFile tenants) {
        return new ApiKeySecurity(tenants);
    }
}

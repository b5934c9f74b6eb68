package io.deepgate.access;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessProperties.class)
class AccessConfiguration {

    @Bean
    TenantsFile tenantsFile(AccessProperties properties) {
        return new TenantsFile(properties.tenantsFile(), properties.reload());
    }

    @Bean
    ApiKeySecurity apiKeySecurity(TenantsFile tenants) {
        return new ApiKeySecurity(tenants);
    }
}

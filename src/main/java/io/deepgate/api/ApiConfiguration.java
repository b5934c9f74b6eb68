package io.deepgate.api;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ApiProperties.class)
class ApiConfiguration {

    @Bean
    ErrorWriter errorWriter(ApiProperties properties) {
        return new ErrorWriter(properties);
    }

    @Bean
    RequestReader requestReader(ApiProperties properties) {
        return new RequestReader(properties);
    }
}

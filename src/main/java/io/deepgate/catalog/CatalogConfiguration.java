package io.deepgate.catalog;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CatalogProperties.class)
class CatalogConfiguration {

    @Bean
    Catalog catalog(CatalogProperties properties) {
        return new Catalog(properties);
    }

    @Bean
    Rewrite rewrite(CatalogProperties properties) {
        return new Rewrite(properties.userId());
    }
}

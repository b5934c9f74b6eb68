package io.deepgate.catalog;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CatalogProperties.class)
class CatalogConfiguration {

    @Bean
    LiveCatalog catalog(CatalogProperties properties) {
        return new LiveCatalog(properties);
    }

    @Bean
    Rewrite rewrite(LiveCatalog catalog) {
        return new Rewrite(() -> catalog.current().userIds());
    }
}

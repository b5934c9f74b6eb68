package io.deepgate.watch;

import io.deepgate.access.LocalTenant;
import io.deepgate.access.TenantsFile;
import io.deepgate.admission.OpenCalls;
import io.deepgate.admission.RedisState;
import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.forward.Keyring;
import io.deepgate.forward.UpstreamModels;
import io.deepgate.usage.UsageReport;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(WatchProperties.class)
class WatchConfiguration {

    @Bean
    @ConditionalOnWebApplication
    @ConditionalOnProperty("gateway.access.local.tenant")
    Greeting greeting(Environment environment, ServerProperties server, LocalTenant local, CatalogProperties catalog) {
        return new Greeting(environment, server, local, catalog);
    }

    @Bean
    @ConditionalOnWebApplication
    StartRules startRules(ConfigurableEnvironment environment) {
        return new StartRules(environment);
    }

    @Bean
    UsageApi usageApi(UsageReport report) {
        return new UsageApi(report, Clock.systemUTC());
    }

    @Bean
    @ConditionalOnWebApplication
    SlugCheck slugCheck(
            LiveCatalog catalog, UpstreamModels models, CatalogProperties properties, MeterRegistry registry) {
        return new SlugCheck(catalog, models, properties, registry);
    }

    @Bean
    @ConditionalOnWebApplication
    UpstreamKeysHealth upstreamKeys(Keyring keyring) {
        return new UpstreamKeysHealth(keyring);
    }

    @Bean
    @ConditionalOnProperty(name = "gateway.admission.store", havingValue = "redis")
    RedisHealth redis(RedisState state) {
        return new RedisHealth(state);
    }

    @Bean
    @ConditionalOnWebApplication
    BreakerCheck breakerCheck(CircuitBreakerRegistry breakers) {
        return new BreakerCheck(breakers);
    }

    @Bean
    @ConditionalOnWebApplication
    Drain drain(OpenCalls calls, WatchProperties properties) {
        return new Drain(calls, properties.drainTimeout());
    }

    @Bean
    OidcClients oidcClients(Environment environment) {
        return new OidcClients(environment);
    }

    @Bean
    @ConditionalOnWebApplication
    LastUse lastUse(TenantsFile tenants, UsageReport report) {
        return new LastUse(tenants, report);
    }

    @Bean
    @ConditionalOnWebApplication
    LastCalls lastCalls() {
        return new LastCalls();
    }

    @Bean
    @ConditionalOnWebApplication
    LiveView liveView(
            MeterRegistry registry,
            TenantsFile tenants,
            CircuitBreakerRegistry breakers,
            LiveCatalog catalog,
            CatalogReload reload,
            LastCalls calls,
            LastUse lastUse,
            WatchProperties properties,
            OidcClients oidc) {
        Figures figures = new Figures(registry);
        return new LiveView(
                figures,
                new TenantsView(figures, tenants, lastUse),
                new UpstreamsView(figures, breakers, catalog),
                tenants,
                reload,
                calls,
                lastUse,
                !properties.users().isEmpty() || !oidc.isEmpty());
    }

    @Bean
    @ConditionalOnWebApplication
    CatalogReload catalogReload(
            ConfigurableEnvironment environment,
            LiveCatalog catalog,
            CatalogProperties properties,
            SlugCheck slugs,
            MeterRegistry registry) {
        return new CatalogReload(environment, catalog, properties, slugs::catalogChanged, registry);
    }
}

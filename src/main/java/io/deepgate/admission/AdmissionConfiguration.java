package io.deepgate.admission;

import io.deepgate.access.TenantsFile;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AdmissionProperties.class, Capacity.class})
class AdmissionConfiguration {

    @Bean
    TenantLimiters tenantLimiters(AdmissionProperties properties, MeterRegistry registry) {
        return new TenantLimiters(properties, Clocks.SYSTEM, registry);
    }

    @Bean
    @ConditionalOnProperty(name = "gateway.admission.store", havingValue = "memory", matchIfMissing = true)
    MemoryLimiter limiter(TenantLimiters tenants) {
        return new MemoryLimiter(tenants);
    }

    @Bean
    @ConditionalOnWebApplication
    SpendRestorer spendRestorer(
            Limiter limiter,
            TenantsFile tenants,
            ObjectProvider<SpendHistory> history,
            AdmissionProperties properties) {
        return new SpendRestorer(
                limiter, tenants, history.getIfAvailable(() -> (tenant, from) -> Spent.NONE), properties.restore());
    }

    @Bean
    Shedding shedding(Capacity capacity) {
        return new Shedding(capacity.lateness());
    }

    @Bean
    OpenCalls openCalls(Capacity capacity, Shedding shedding, MeterRegistry registry) {
        return new OpenCalls(capacity, shedding, registry);
    }
}

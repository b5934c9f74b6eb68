package io.deepgate.usage;

import io.deepgate.catalog.LiveCatalog;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** The package's beans. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(UsageProperties.class)
class UsageConfiguration {

    static {
        // Where a ledger in H2 hands its file to the commands: to this machine's only.
        System.setProperty("h2.bindAddress", "127.0.0.1");
    }

    private static final DataSize SEGMENT = DataSize.ofMegabytes(8);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Bean(destroyMethod = "close")
    CallLog callLog(MeterRegistry registry) {
        return new CallLog(registry);
    }

    @Bean
    UsageMeters usageMeters(MeterRegistry registry, ObjectProvider<Exemplars> exemplars) {
        return new UsageMeters(registry, exemplars.getIfAvailable());
    }

    @Bean
    VariantMeters variantMeters(MeterRegistry registry) {
        return new VariantMeters(registry);
    }

    @Bean
    @ConditionalOnWebApplication
    Rollouts rollouts(LiveCatalog catalog, Ledger ledger, MeterRegistry registry) {
        return new Rollouts(catalog, new RolloutStore(ledger), registry, InstantSource.system());
    }

    @Bean
    @ConditionalOnWebApplication
    Journal journal(UsageProperties properties, MeterRegistry registry) {
        return new Journal(properties, SEGMENT.toBytes(), registry);
    }

    @Bean
    Ledger ledger(DataSource database) {
        return new Ledger(database, PATIENCE);
    }

    @Bean
    UsageReport usageReport(Ledger ledger) {
        return new UsageReport(ledger);
    }

    @Bean
    RolloutReports rolloutReports(LiveCatalog catalog, UsageReport report) {
        return new RolloutReports(catalog, report, InstantSource.system());
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnWebApplication
    Shipper shipper(Journal journal, Ledger ledger, MeterRegistry registry) {
        return new Shipper(journal, ledger, registry);
    }

    @Bean
    @ConditionalOnWebApplication
    LedgerSpend ledgerSpend(Shipper shipper, Ledger ledger) {
        return new LedgerSpend(shipper, ledger);
    }

    @Bean
    @ConditionalOnWebApplication
    Retention retention(Ledger ledger, UsageProperties properties) {
        return new Retention(ledger, properties.keepCalls(), InstantSource.system());
    }

    @Bean
    @ConditionalOnWebApplication
    UsageRecorder usageRecorder(List<RecordSink> sinks, Journal journal) {
        return new UsageRecorder(sinks, journal);
    }
}

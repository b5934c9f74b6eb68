package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.LogLines;
import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.LiveCatalog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** The first look at the files, some time after the start has read them. */
class CatalogReloadTests {

    @TempDir
    private Path folder;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicInteger changes = new AtomicInteger();
    private final LogLines log = LogLines.of(CatalogReload.class);

    @AfterEach
    void closes() {
        log.close();
    }

    @Test
    void takesOverWhatHasChangedSinceTheStartReadIt() throws Exception {
        ConfigurableEnvironment environment = environment();
        try (LiveCatalog catalog = catalog(environment)) {
            Files.writeString(folder.resolve("application.yaml"), "gateway.catalog.aliases.new.slug: deepseek-flash\n");
            CatalogReload reload = reload(environment, catalog);

            assertThat(reload.readAgain()).isTrue();
            assertThat(catalog.current().routes())
                    .anyMatch(route -> route.alias().equals("new"));
            assertThat(changes).hasValue(1);
            assertThat(reload.readAgain()).isFalse();
            reload.destroy();
        }
    }

    @Test
    void saysNothingWhereNothingHasChanged() {
        ConfigurableEnvironment environment = environment();
        try (LiveCatalog catalog = catalog(environment)) {
            CatalogReload reload = reload(environment, catalog);

            assertThat(reload.readAgain()).isTrue();
            assertThat(reload.readAgain()).isFalse();
            assertThat(changes).hasValue(0);
            assertThat(log.texts()).isEmpty();
            assertThat(registry.get("gateway.catalog.reload").counters()).allMatch(counter -> counter.count() == 0);
            reload.destroy();
        }
    }

    /** As a start makes it of the files there are. */
    private ConfigurableEnvironment environment() {
        StandardEnvironment given = new StandardEnvironment();
        given.getPropertySources()
                .addFirst(new MapPropertySource(
                        "commandLineArgs",
                        Map.of(
                                "spring.config.location",
                                "classpath:/application.yaml,optional:file:" + folder + "/",
                                "gateway.catalog.upstreams.deepseek.api-key",
                                "sk-1",
                                "gateway.catalog.reload",
                                "1h")));
        return Settings.readAgain(given);
    }

    private static LiveCatalog catalog(ConfigurableEnvironment environment) {
        return new LiveCatalog(properties(environment));
    }

    private CatalogReload reload(ConfigurableEnvironment environment, LiveCatalog catalog) {
        return new CatalogReload(environment, catalog, properties(environment), changes::incrementAndGet, registry);
    }

    private static CatalogProperties properties(ConfigurableEnvironment environment) {
        return Settings.bind(environment, "gateway.catalog", CatalogProperties.class);
    }
}

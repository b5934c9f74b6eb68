package io.deepgate.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.api.Parameter;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** DeepSeek's, one that ignores but the seed, and one that heeds all. */
class HeedTests {

    @ParameterizedTest
    @CsvSource({
        "SEED, thinks, IGNORED",
        "SEED, few, IGNORED",
        "SEED, own, HEEDED",
        "LOGIT_BIAS, few, HEEDED",
        "TEMPERATURE, thinks, IGNORED",
        "TEMPERATURE, plain, HEEDED",
        "TEMPERATURE, own, HEEDED",
        "N, thinks, REJECTED",
        "N, own, REJECTED",
        "JSON_SCHEMA, thinks, REJECTED",
        "JSON_SCHEMA, plain, CHANGED",
        "FORCED_TOOL, thinks, CHANGED",
        "FORCED_TOOL, plain, HEEDED",
        "FORCED_TOOL, few, REJECTED"
    })
    void goesByTheRulesOfTheAliasAndWhatItsUpstreamIgnores(Parameter parameter, String alias, Heed heed) {
        Route route = catalog().routes().stream()
                .filter(one -> one.alias().equals(alias))
                .findFirst()
                .orElseThrow();

        assertThat(Heed.of(parameter, route)).isEqualTo(heed);
    }

    private static Catalog catalog() {
        Map<String, Object> all = new HashMap<>();
        for (String name : new String[] {"deepseek", "few", "own"}) {
            all.put("gateway.catalog.upstreams." + name + ".base-url", "http://127.0.0.1:1");
            all.put("gateway.catalog.upstreams." + name + ".api-key", "sk-1");
        }
        all.put("gateway.catalog.upstreams.few.ignores", "seed");
        all.put("gateway.catalog.upstreams.own.ignores", "");
        for (String name : new String[] {"thinks", "plain", "few", "own"}) {
            all.put("gateway.catalog.aliases." + name + ".slug", "model");
        }
        all.put("gateway.catalog.aliases.plain.force.thinking", "disabled");
        all.put("gateway.catalog.aliases.plain.json-schema", "json-object");
        all.put("gateway.catalog.aliases.few.upstream", "few");
        all.put("gateway.catalog.aliases.few.forced-tool-choice", "pass");
        all.put("gateway.catalog.aliases.own.upstream", "own");
        return new Catalog(new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("gateway.catalog", CatalogProperties.class));
    }
}

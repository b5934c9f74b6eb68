package io.deepgate.catalog;

import static io.deepgate.catalog.Conversations.asked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpHeaders;

/** Aliases that end with a star, and those that the gateway comes with. */
class AliasTests {

    private static final Tenant ALL = new Tenant("search", List.of("*"), Limits.NONE, Budget.NONE, 1, false, false);

    @ParameterizedTest
    @CsvSource({
        "claude-opus-4-9, opus",
        "claude-opus, opus",
        "claude-opus-, opus",
        "claude-opu, claude",
        "claude-sonnet-9, claude",
        "claude, claude",
        "claude-3, three",
        "claude-3-opus, claude",
        "claude-haikux, claude",
        "claudette, claude",
        "Claude-opus, default",
        "xclaude-opus, default",
        "clau, default",
        "c, default",
        "~, default",
        "gpt-4o-mini, gpt",
        "gpt-, gpt",
        "gpt, default"
    })
    void takesTheLongestThatFits(String model, String slug) {
        Catalog catalog = catalog(
                "default-slug", "default",
                "aliases.[claude*].slug", "claude",
                "aliases.[claude-opus*].slug", "opus",
                "aliases.[claude-haiku].slug", "haiku",
                "aliases.[claude-3].slug", "three",
                "aliases.[gpt-*].slug", "gpt");
        assertThat(catalog.routes(ALL, asked(model), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo(slug);
    }

    @Test
    void takesTheExactNameBeforeAnyEnding() {
        Catalog catalog = catalog(
                "aliases.[claude-haiku*].slug", "any",
                "aliases.[claude-haiku].slug", "exact");
        assertThat(catalog.routes(ALL, asked("claude-haiku"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("exact");
        assertThat(catalog.routes(ALL, asked("claude-haiku-1"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("any");
    }

    @Test
    void findsAShortOneBehindManyThatDoNotFit() {
        Catalog catalog = catalog(
                "aliases.[m*].slug", "short",
                "aliases.[ma*].slug", "a",
                "aliases.[mab*].slug", "b",
                "aliases.[mabc*].slug", "c",
                "aliases.[mb*].slug", "d");
        assertThat(catalog.routes(ALL, asked("maz"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("a");
        assertThat(catalog.routes(ALL, asked("mac"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("a");
        assertThat(catalog.routes(ALL, asked("mabz"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("b");
        assertThat(catalog.routes(ALL, asked("mz"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("short");
    }

    @Test
    void standsForEverythingWhereItIsOnlyAStar() {
        Catalog catalog = catalog("unknown-models", "reject", "aliases.[*].slug", "any", "aliases.known.slug", "known");
        assertThat(catalog.routes(ALL, asked("whatever"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("any");
        assertThat(catalog.routes(ALL, asked("known"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("known");
    }

    @Test
    void rejectsWhatNoEndingFits() {
        Catalog catalog = catalog("unknown-models", "reject", "aliases.[claude*].slug", "claude");
        assertThat(catalog.routes(ALL, asked("claude-x"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("claude");
        assertThatThrownBy(() ->
                        catalog.routes(ALL, asked("gpt"), HttpHeaders.EMPTY).getFirst())
                .isInstanceOf(ModelNotFoundException.class);
    }

    @Test
    void labelsACallWithTheAliasAndNotWithWhatTheCallerWrote() {
        assertThat(catalog("aliases.[claude*].slug", "claude")
                        .routes(ALL, asked("claude-x"), HttpHeaders.EMPTY)
                        .getFirst()
                        .alias())
                .isEqualTo("claude*");
    }

    @Test
    void isNotListedWithItsStarButItsSlugIsChecked() {
        Catalog catalog = catalog("aliases.[claude*].slug", "claude");
        assertThat(catalog.aliases(ALL)).containsExactly("deepseek-flash");
        assertThat(catalog.routes()).extracting(Route::slug).containsExactlyInAnyOrder("deepseek-flash", "claude");
    }

    @Test
    void isATenantsByTheNameThatIsCalled() {
        Catalog catalog = catalog("aliases.[claude*].slug", "claude");
        Tenant opus = new Tenant("mail", List.of("claude-opus*"), Limits.NONE, Budget.NONE, 1, false, false);
        assertThat(catalog.routes(opus, asked("claude-opus-4"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("claude");
        assertThatThrownBy(() -> catalog.routes(opus, asked("claude-haiku"), HttpHeaders.EMPTY)
                        .getFirst())
                .isInstanceOf(ModelNotFoundException.class);
    }

    @Test
    void carriesItsParametersAndUpstream() {
        Catalog catalog = catalog(
                "upstreams.other.base-url", "http://127.0.0.1:2",
                "upstreams.other.api-key", "sk-other",
                "aliases.[fast-*].slug", "deepseek-flash",
                "aliases.[fast-*].upstream", "other",
                "aliases.[fast-*].force.thinking", "disabled",
                "aliases.[fast-*].max-tokens", "7");
        Route route = catalog.routes(ALL, asked("fast-9"), HttpHeaders.EMPTY).getFirst();
        assertThat(route.upstream().name()).isEqualTo("other");
        assertThat(route.parameters().maxTokens()).isEqualTo(7);
        assertThat(route.parameters().force().thinking()).isEqualTo(Parameters.Thinking.DISABLED);
    }

    @ParameterizedTest
    @CsvSource({
        "deepseek-flash, deepseek-flash, ",
        "deepseek-v4-pro, deepseek-v4-pro, ",
        "deepseek-chat, deepseek-flash, DISABLED",
        "deepseek-reasoner, deepseek-flash, ENABLED",
        "claude-opus-4-1, deepseek-v4-pro, ",
        "claude-sonnet-4-5, deepseek-flash, ",
        "claude-3-5-haiku-latest, deepseek-flash, "
    })
    void comesWithTheGateway(String model, String slug, Parameters.Thinking forced) throws Exception {
        Catalog catalog = packaged(Map.of("DEEPSEEK_API_KEY", "sk-1"));
        Route route = catalog.routes(ALL, asked(model), HttpHeaders.EMPTY).getFirst();
        assertThat(route.slug()).isEqualTo(slug);
        assertThat(route.parameters().force().thinking()).isEqualTo(forced);
        assertThat(catalog.aliases(ALL))
                .contains("deepseek-flash", "deepseek-v4-pro", "deepseek-chat", "deepseek-reasoner");
    }

    @Test
    void takesTheUpstreamAndTheDefaultSlugFromTheEnvironment() throws Exception {
        Route route = packaged(Map.of(
                        "DEEPSEEK_API_KEY", "sk-1",
                        "DEEPSEEK_BASE_URL", "http://127.0.0.1:1/v1",
                        "DEEPSEEK_MODEL_ID", "deepseek-v9"))
                .routes(ALL, asked("whatever"), HttpHeaders.EMPTY)
                .getFirst();
        assertThat(route.slug()).isEqualTo("deepseek-v9");
        assertThat(route.upstream().baseUrl()).hasToString("http://127.0.0.1:1/v1");
        assertThat(route.upstream().keys().current().getFirst().bearer()).isEqualTo("Bearer sk-1");

        Route without = packaged(Map.of("DEEPSEEK_API_KEY", "sk-1"))
                .routes(ALL, asked("whatever"), HttpHeaders.EMPTY)
                .getFirst();
        assertThat(without.slug()).isEqualTo("deepseek-flash");
        assertThat(without.upstream().baseUrl()).hasToString("https://api.deepseek.com");
    }

    /** The catalog that the jar brings, with these environment variables. */
    private static Catalog packaged(Map<String, Object> variables) throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("variables", variables));
        for (PropertySource<?> source :
                new YamlPropertySourceLoader().load("packaged", new ClassPathResource("application.yaml"))) {
            environment.getPropertySources().addLast(source);
        }
        return new Catalog(Binder.get(environment).bindOrCreate("gateway.catalog", CatalogProperties.class));
    }

    /** A catalog of the properties below {@code gateway.catalog}, each a name and a value. */
    private static Catalog catalog(String... properties) {
        Map<String, String> all = Stream.iterate(0, at -> at < properties.length, at -> at + 2)
                .collect(Collectors.toMap(at -> "gateway.catalog." + properties[at], at -> properties[at + 1]));
        all.put("gateway.catalog.upstreams.deepseek.base-url", "http://127.0.0.1:1");
        all.put("gateway.catalog.upstreams.deepseek.api-key", "sk-1");
        return new Catalog(new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("gateway.catalog", CatalogProperties.class));
    }
}

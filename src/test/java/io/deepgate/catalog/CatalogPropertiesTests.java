package io.deepgate.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.catalog.CatalogProperties.UnknownModels;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class CatalogPropertiesTests {

    private static final String UPSTREAM = "gateway.catalog.upstreams.deepseek";
    private static final String SECRET = "sk-secret-0123456789";

    @EnableConfigurationProperties(CatalogProperties.class)
    private static final class Bound {}

    private final ApplicationContextRunner context = new ApplicationContextRunner()
            .withUserConfiguration(Bound.class)
            .withPropertyValues(UPSTREAM + ".base-url=https://api.deepseek.com", UPSTREAM + ".api-key=" + SECRET);

    @Test
    void haveDefaults() {
        context.run(bound -> {
            CatalogProperties catalog = bound.getBean(CatalogProperties.class);
            assertThat(catalog.defaultSlug()).isEqualTo("deepseek-flash");
            assertThat(catalog.unknownModels()).isEqualTo(UnknownModels.DEFAULT_SLUG);
            assertThat(catalog.aliases()).isEmpty();
            var upstream = catalog.upstreams().get("deepseek");
            assertThat(upstream.connectTimeout()).isEqualTo(Duration.ofSeconds(5));
            assertThat(upstream.firstContentTimeout()).isEqualTo(Duration.ofMinutes(10));
            assertThat(upstream.idleTimeout()).isEqualTo(Duration.ofMinutes(2));
            assertThat(upstream.totalTimeout()).isZero();
        });
    }

    @Test
    void bindAliases() {
        context.withPropertyValues(
                        "gateway.catalog.aliases.fast.slug=deepseek-flash",
                        "gateway.catalog.aliases[gpt-4.1].slug=deepseek-v4-pro",
                        "gateway.catalog.aliases[gpt-4.1].upstream=deepseek")
                .run(bound -> assertThat(bound.getBean(CatalogProperties.class).aliases())
                        .hasEntrySatisfying(
                                "fast", alias -> assertThat(alias.slug()).isEqualTo("deepseek-flash"))
                        .hasEntrySatisfying("gpt-4.1", alias -> {
                            assertThat(alias.slug()).isEqualTo("deepseek-v4-pro");
                            assertThat(alias.upstream()).isEqualTo("deepseek");
                        }));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "default-slug | a b | gateway.catalog.default-slug (DEEPSEEK_MODEL_ID) is 'a b': write 1 to 128 letters",
                "default-slug | '' | gateway.catalog.default-slug (DEEPSEEK_MODEL_ID) is '': write",
                "default-slug | =cmd | gateway.catalog.default-slug (DEEPSEEK_MODEL_ID) is '=cmd': write",
                "default-slug | -1-1 | gateway.catalog.default-slug (DEEPSEEK_MODEL_ID) is '-1-1': write",
                "default-slug | a\"b | gateway.catalog.default-slug (DEEPSEEK_MODEL_ID) is 'a\"b': write",
                "aliases.fast.slug | a b | gateway.catalog.aliases.fast.slug is 'a b': write",
                "aliases.fast.routes[0].slug | a b | gateway.catalog.aliases.fast.routes[0].slug is 'a b': write",
                "aliases.fast.routes[0].weight | 1 | gateway.catalog.aliases.fast.routes[0].slug is 'null': write",
                "aliases.fast.routes[0].weight | 1001 | weight is 1001: write 0 to 1000",
                "aliases.fast.routes[0].priority | -1 | priority is -1: write 0 or more",
                "upstreams.deepseek.concurrency.flash | 0 | gateway.catalog.upstreams.deepseek.concurrency.flash is 0: write 1",
                "upstreams.deepseek.api-keys | sk-a b | gateway.catalog.upstreams.deepseek.api-keys: write it in printable",
                "aliases.fast.upstream | deepseek | gateway.catalog.aliases.fast.slug is 'null': write",
                "upstreams.deepseek.base-url | api.deepseek.com | "
                        + "gateway.catalog.upstreams.deepseek.base-url is 'api.deepseek.com': write one that starts with https://",
                "upstreams.deepseek.base-url | '' | gateway.catalog.upstreams.deepseek.base-url is",
                "upstreams.deepseek.base-url | ttp://a.b | gateway.catalog.upstreams.deepseek.base-url is 'ttp://a.b': write",
                "upstreams.deepseek.base-url | ftp://a.b | gateway.catalog.upstreams.deepseek.base-url is 'ftp://a.b': write",
                "upstreams.deepseek.base-url | //a.b/v1 | gateway.catalog.upstreams.deepseek.base-url is '//a.b/v1': write",
                "upstreams.deepseek.base-url | https:a.b | gateway.catalog.upstreams.deepseek.base-url is 'https:a.b': write",
                "upstreams.deepseek.base-url | https://a.b?c=d | gateway.catalog.upstreams.deepseek.base-url is",
                "upstreams.other.api-key | sk-1 | gateway.catalog.upstreams.other.base-url is 'null': write",
                "upstreams.deepseek.connect-timeout | 0s | gateway.catalog.upstreams.deepseek.connect-timeout is PT0S: write 1ms to 1d",
                "upstreams.deepseek.connect-timeout | 25h | gateway.catalog.upstreams.deepseek.connect-timeout is PT25H: write 1ms to 1d",
                "upstreams.deepseek.first-content-timeout | -1s | gateway.catalog.upstreams.deepseek.first-content-timeout is PT-1S: write",
                "upstreams.deepseek.idle-timeout | 999us | gateway.catalog.upstreams.deepseek.idle-timeout is PT0.000999S: write",
                "upstreams.deepseek.total-timeout | -1s | gateway.catalog.upstreams.deepseek.total-timeout is PT-1S: write",
            })
    void nameTheKeyThatIsWrong(String key, String value, String message) {
        context.withPropertyValues("gateway.catalog." + key + "=" + value)
                .run(failed ->
                        assertThat(failed).getFailure().rootCause().message().startsWith(message));
    }

    @ParameterizedTest
    @CsvSource({"unknown-models, maybe", "upstreams.deepseek.idle-timeout, soon"})
    void letBootNameTheKeyOfWhatDoesNotConvert(String key, String value) {
        context.withPropertyValues("gateway.catalog." + key + "=" + value)
                .run(failed ->
                        assertThat(failed).getFailure().cause().hasMessageContaining("'gateway.catalog." + key + "'"));
    }

    @Test
    void nameAnUpstreamThatIsNotThere() {
        context.withPropertyValues(
                        "gateway.catalog.aliases.fast.slug=deepseek-flash",
                        "gateway.catalog.aliases.fast.upstream=nowhere")
                .run(failed -> assertThat(failed)
                        .getFailure()
                        .rootCause()
                        .hasMessage("gateway.catalog.aliases.fast.upstream is 'nowhere',"
                                + " which is none of gateway.catalog.upstreams: [deepseek]"));
        new ApplicationContextRunner()
                .withUserConfiguration(Bound.class)
                .run(failed -> assertThat(failed)
                        .getFailure()
                        .rootCause()
                        .hasMessage("gateway.catalog.upstreams.deepseek is missing"));
    }

    @Test
    void nameARouteThatLeadsNowhere() {
        context.withPropertyValues(
                        "gateway.catalog.aliases.fast.slug=deepseek-flash",
                        "gateway.catalog.aliases.fast.routes[0].weight=1",
                        "gateway.catalog.aliases.fast.routes[1].upstream=nowhere")
                .run(failed -> assertThat(failed)
                        .getFailure()
                        .rootCause()
                        .hasMessage("gateway.catalog.aliases.fast.routes[1].upstream is 'nowhere',"
                                + " which is none of gateway.catalog.upstreams: [deepseek]"));
    }

    @Test
    void nameRoutesOfWhichNoneHasAWeight() {
        context.withPropertyValues(
                        "gateway.catalog.aliases.fast.slug=deepseek-flash",
                        "gateway.catalog.aliases.fast.routes[0].weight=0",
                        "gateway.catalog.aliases.fast.routes[1].weight=0")
                .run(failed -> assertThat(failed)
                        .getFailure()
                        .rootCause()
                        .hasMessage("gateway.catalog.aliases.fast.routes all have the weight 0, so no call could go"
                                + " anywhere: write 1 or more for one"));
    }

    @Test
    void refuseAKeyThatNoHeaderCanHoldWithoutShowingIt() {
        for (String key : new String[] {"sk-a b1234", "sk-a\nb1234", "sk-ä1234"}) {
            context.withPropertyValues(UPSTREAM + ".api-key=" + key)
                    .run(failed -> assertThat(failed)
                            .getFailure()
                            .rootCause()
                            .hasMessage(UPSTREAM + ".api-key: write it in printable ASCII without blanks"));
        }
    }

    @Test
    void showNoKey() {
        context.run(bound -> assertThat(bound.getBean(CatalogProperties.class).toString())
                .contains("https://api.deepseek.com")
                .doesNotContain(SECRET));
    }
}

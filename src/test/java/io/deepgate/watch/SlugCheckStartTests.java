package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The slugs are looked up when the gateway starts, and from then on by the clock. */
@ExtendWith(OutputCaptureExtension.class)
class SlugCheckStartTests {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String FLASH = "deepseek-flash";
    private static final String PRO = "deepseek-v4-pro";
    private static final String PLACEHOLDER =
            "'deepseek-v4' is the placeholder of sample code, no model: set DEEPSEEK_MODEL_ID to one ";
    private static final Pattern LINE = Pattern.compile("(?m)(WARN|INFO|ERROR) .*\\.SlugCheck +: (.*)$");

    private ModelsUpstream upstream;

    @BeforeEach
    void start() {
        upstream = new ModelsUpstream().lists(FLASH, PRO);
    }

    @AfterEach
    void stop() {
        upstream.close();
    }

    @Test
    void warnsAtStartAndFollowsTheListWhileRunning(CapturedOutput output) {
        try (Gateway gateway = gateway(
                "gateway.catalog.slug-check=1s",
                "gateway.catalog.default-slug=deepseek-v4",
                "gateway.catalog.aliases.old.slug=deepseek-v2")) {
            AtRest.within(SOON, () -> lines(output).size() == 2);
            assertThat(lines(output))
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("WARN " + PLACEHOLDER + "of [")
                            .contains(FLASH, PRO))
                    .anySatisfy(line ->
                            assertThat(line).startsWith("WARN The upstream 'deepseek' does not list 'deepseek-v2'"));
            assertThat(unlisted(gateway, "deepseek-v4")).isOne();
            assertThat(unlisted(gateway, "deepseek-v2")).isOne();
            assertThat(unlisted(gateway, PRO)).isZero();

            upstream.lists(FLASH, "deepseek-v2");
            AtRest.within(SOON, () -> unlisted(gateway, PRO) == 1 && unlisted(gateway, "deepseek-v2") == 0);
            assertThat(unlisted(gateway, "deepseek-v4")).isOne();
            AtRest.within(SOON, () -> lines(output).size() == 4);
        }
    }

    @Test
    void warnsOfThePlaceholderEvenWhereTheListCannotBeRead(CapturedOutput output) {
        upstream.answers("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n");
        try (Gateway gateway = gateway("gateway.catalog.slug-check=1h", "gateway.catalog.default-slug=deepseek-v4")) {
            AtRest.within(SOON, () -> !lines(output).isEmpty());
            assertThat(lines(output)).containsExactly("WARN " + PLACEHOLDER + "that the upstream lists.");
            assertThat(unlisted(gateway, FLASH)).isZero();
        }
    }

    @Test
    void refusesToStartWithAnUnlistedSlugWhereThatIsConfigured(CapturedOutput output) {
        upstream.lists(FLASH);
        assertThatThrownBy(
                        () -> gateway("gateway.catalog.unlisted-slugs=refuse").close())
                .isInstanceOf(UnlistedSlugException.class)
                .hasMessage("The upstream 'deepseek' does not list '" + PRO + "', only [" + FLASH + "].");
        assertThat(output.getErr())
                .contains("Deepgate does not start. The upstream 'deepseek' does not list '" + PRO + "'")
                .contains("gateway.catalog.unlisted-slugs: warn")
                .doesNotContain("\tat ");
    }

    @Test
    void refusesToStartWithThePlaceholderWhereThatIsConfigured() {
        assertThatThrownBy(() -> gateway(
                                "gateway.catalog.unlisted-slugs=refuse", "gateway.catalog.default-slug=deepseek-v4")
                        .close())
                .isInstanceOf(UnlistedSlugException.class)
                .hasMessageStartingWith(PLACEHOLDER);
    }

    @Test
    void startsWhereAllIsListedThoughTheRestWouldBeRefused() {
        try (Gateway gateway = gateway("gateway.catalog.unlisted-slugs=refuse")) {
            assertThat(unlisted(gateway, PRO)).isZero();
            assertThat(upstream.heads()).hasSize(1);
        }
    }

    private Gateway gateway(String... properties) {
        return Gateway.inFrontOf(upstream.baseUrl(), properties);
    }

    /** What the check logged, each line as {@code LEVEL message}. */
    private static List<String> lines(CapturedOutput output) {
        Matcher line = LINE.matcher(output.getOut());
        return line.results()
                .map(result -> result.group(1) + " " + result.group(2))
                .toList();
    }

    private static double unlisted(Gateway gateway, String slug) {
        return gateway.meters()
                .get("gateway.catalog.unlisted")
                .tag("upstream", "deepseek")
                .tag("model", slug)
                .gauge()
                .value();
    }
}

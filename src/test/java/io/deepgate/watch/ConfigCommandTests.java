package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.DeepgateApplication;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The check with configuration as system properties, which stand for all the places that Boot reads it from. */
@ExtendWith(OutputCaptureExtension.class)
class ConfigCommandTests {

    private static final String SECRET = "sk-secret-0123456789";

    @TempDir
    private Path folder;

    private final Properties before = (Properties) System.getProperties().clone();
    private Path tenants;

    @BeforeEach
    void configuresWell() throws Exception {
        tenants = folder.resolve("tenants.yaml");
        Files.writeString(tenants, """
                tenants:
                  - id: search
                    keys: [{ id: k1, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 }]
                """);
        set("spring.config.location", "classpath:/application.yaml");
        set("gateway.catalog.upstreams.deepseek.api-key", SECRET);
        set("gateway.access.tenants-file", tenants.toString());
    }

    @AfterEach
    void restores() {
        System.setProperties(before);
    }

    @Test
    void isContentWithAGoodConfiguration(CapturedOutput output) {
        assertThat(check()).isZero();

        assertThat(output.getOut()).isEqualToNormalizingNewlines("OK: 1 tenants, 6 aliases\n");
        assertThat(output.getErr()).isEmpty();
    }

    @Test
    void warnsOfWhatIsHardlyMeant(CapturedOutput output) throws Exception {
        Files.writeString(tenants, "tenants: [{ id: idle }]");

        assertThat(check()).isZero();

        assertThat(output.getOut())
                .isEqualToNormalizingNewlines(
                        "warning: %s:1: tenant 'idle' has no key, so it cannot call: make one with 'keys create --tenant"
                                        .formatted(tenants)
                                + " idle'\nOK: 1 tenants, 6 aliases\n");
    }

    @Test
    void warnsOfSlugsWithoutPriceAndOfPricesWithoutSlug(CapturedOutput output) {
        set("gateway.catalog.aliases.house.slug", "house-model");
        price("typo-flash", "0.15");

        assertThat(check()).isZero();

        assertThat(output.getOut())
                .contains("warning: gateway.catalog.aliases.house: 'house-model' has no price now")
                .contains("warning: gateway.catalog.prices.typo-flash is a price for a slug that no alias stands for");
    }

    @Test
    void namesAPriceThatIsWrong(CapturedOutput output) {
        price("deepseek-flash", "-1");

        fails(output, "gateway.catalog.prices.deepseek-flash costs -1 USD per million tokens: write 0 to 1000");
    }

    private void price(String slug, String uncached) {
        String row = "gateway.catalog.prices." + slug + "[0].";
        set(row + "from", "2026-01-01T00:00:00Z");
        set(row + "input-cached", "0.1");
        set(row + "input-uncached", uncached);
        set(row + "output", "1");
    }

    @Test
    void warnsOfAnUpstreamThatNoAliasUses(CapturedOutput output) {
        set("gateway.catalog.upstreams.idle.base-url", "http://127.0.0.1:1");
        set("gateway.catalog.upstreams.idle.api-key", SECRET);

        assertThat(check()).isZero();

        assertThat(output.getOut())
                .contains("warning: gateway.catalog.upstreams.idle is used by no alias, so that no call goes there");
    }

    @Test
    void warnsOfShadowCallsThatNobodyAllowsAndPairsThatNobodyCouldRead(CapturedOutput output) throws Exception {
        set("gateway.catalog.aliases.fast.slug", "deepseek-flash");
        set("gateway.catalog.aliases.fast.candidate.slug", "deepseek-v4-pro");
        set("gateway.catalog.aliases.fast.candidate.shadow.share", "5");

        assertThat(check()).isZero();
        assertThat(output.getOut())
                .contains("gateway.catalog.aliases.fast.candidate.shadow.share samples nothing, since no tenant has"
                        + " 'shadow-calls: true'");

        Files.writeString(
                tenants,
                Files.readString(tenants)
                        .replace("id: search", "id: search\n    shadow-calls: true\n    keep-shadow-pairs: true"));
        assertThat(check()).isZero();
        assertThat(output.getOut()).contains("but none are kept without gateway.shadow.pairs.key");
    }

    @Test
    void namesRoutesOfWhichNoneHasAWeight(CapturedOutput output) {
        set("gateway.catalog.aliases.fast.slug", "deepseek-flash");
        set("gateway.catalog.aliases.fast.routes[0].weight", "0");

        fails(output, "error: gateway.catalog.aliases.fast.routes all have the weight 0, so no call could go anywhere");
    }

    @Test
    void namesTheLineOfAWrongTenantsFile(CapturedOutput output) throws Exception {
        Files.writeString(tenants, "tenants:\n  - id: Search\n");

        fails(output, tenants + ":2: tenant id 'Search': write lower-case letters");
    }

    @Test
    void namesATenantsFileThatIsNotThere(CapturedOutput output) {
        set("gateway.access.tenants-file", "/nowhere/tenants.yaml");

        fails(output, "/nowhere/tenants.yaml: there is no such file");
    }

    @Test
    void namesTheUpstreamWithoutKey(CapturedOutput output) {
        set("gateway.catalog.upstreams.deepseek.api-key", "");

        fails(
                output,
                "There is no key for the upstream 'deepseek': set DEEPSEEK_API_KEY or gateway.catalog.upstreams.deepseek.api-key");
    }

    @Test
    void namesTheAliasWhoseUpstreamIsNotThere(CapturedOutput output) {
        set("gateway.catalog.aliases.fast.slug", "deepseek-flash");
        set("gateway.catalog.aliases.fast.upstream", "nowhere");

        fails(
                output,
                "gateway.catalog.aliases.fast.upstream is 'nowhere', which is none of gateway.catalog.upstreams: [deepseek]");
    }

    @Test
    void saysAllThatIsWrongAtOnce(CapturedOutput output) {
        set("gateway.access.reload", "1ms");
        set("gateway.admission.completion-claim", "0");
        set("gateway.api.request-timeout", "soon");
        set("gateway.catalog.unknown-models", "maybe");
        set("gateway.forward.max-connections", "0");
        set("resilience4j.circuitbreaker.configs.tenant.failure-rate-threshold", "500");
        set("server.port", "http");

        fails(output, "error: ");
        assertThat(output.getOut().lines().filter(line -> line.startsWith("error: ")))
                .hasSize(7)
                .contains("error: gateway.access.reload is PT0.001S: write 100ms or more")
                .contains("error: gateway.admission.completion-claim is 0: write 1 to 1000000")
                .anyMatch(line -> line.matches(
                        "error: gateway.api.request-timeout \\(.*\\): 'soon' is not a valid duration: write .*"))
                .anyMatch(line -> line.matches(
                        "error: gateway.catalog.unknown-models \\(.*\\): 'maybe' is none of default-slug, reject"))
                .contains("error: gateway.forward.max-connections is 0: write 1 or more")
                .anyMatch(line ->
                        line.startsWith("error: resilience4j.circuitbreaker.configs.tenant.failure-rate-threshold ("))
                .anyMatch(line -> line.startsWith("error: server.port ("));
    }

    @Test
    void namesTheUpstreamThatIsWrong(CapturedOutput output) {
        set("gateway.catalog.upstreams.deepseek.base-url", "api.deepseek.com");

        fails(
                output,
                "error: gateway.catalog.upstreams.deepseek.base-url is 'api.deepseek.com': write one that starts with");
    }

    @Test
    void checksTheLocalTenantAsWellAndGreetsNobody(CapturedOutput output) {
        set("spring.profiles.active", "sandbox");

        assertThat(check()).isZero();

        assertThat(output.getOut()).isEqualToNormalizingNewlines("OK: 2 tenants, 6 aliases\n");
    }

    private void fails(CapturedOutput output, String message) {
        assertThat(check()).isEqualTo(1);
        assertThat(output.getOut())
                .contains("error: ")
                .contains(message)
                .endsWith("The gateway would not start." + System.lineSeparator())
                .doesNotContain("\tat ", SECRET, "Exception");
    }

    private void set(String name, String value) {
        System.setProperty(name, value);
    }

    private static int check() {
        return Commands.run(DeepgateApplication.class, new String[] {"config", "check"});
    }
}

package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.DeepgateApplication;
import io.deepgate.access.ApiKey;
import io.deepgate.access.Caller;
import io.deepgate.access.Limits;
import io.deepgate.access.TenantsFile;
import io.deepgate.usage.LedgerFile;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class KeysCommandTests {

    private static final Pattern KEY = Pattern.compile("^ {4}(dg-\\S+)$", Pattern.MULTILINE);

    @Test
    void printsAKeyAndTheYamlThatKnowsIt(@TempDir Path folder, CapturedOutput output) throws Exception {
        assertThat(run("keys", "create", "--print", "--tenant", "search")).isZero();

        ApiKey key = printedKey(output);
        assertThat(output.getOut()).containsOnlyOnce(key.value());
        Path file = folder.resolve("tenants.yaml");
        Files.writeString(file, "tenants:\n" + yaml(output));
        try (TenantsFile tenants = new TenantsFile(file, Duration.ofDays(1), null, new SimpleMeterRegistry())) {
            Caller caller = tenants.current().callerOf(key, Instant.now());
            assertThat(caller.tenant().id()).isEqualTo("search");
            assertThat(caller.keyId()).isEqualTo(key.id());
            assertThat(caller.keyExpires())
                    .isBetween(
                            Instant.now().plus(Duration.ofDays(364)),
                            Instant.now().plus(Duration.ofDays(365)));
            assertThat(caller.tenant().mayCall("anything")).isTrue();
            assertThat(caller.tenant().limits()).isEqualTo(new Limits(600L, 2_000_000L, 64L));
            assertThat(tenants.warnings()).isEmpty();
        }
    }

    @Test
    void shortensTheLifeOfAKey(CapturedOutput output) {
        assertThat(run("keys", "create", "--print", "--tenant=search", "--days=7"))
                .isZero();

        String expires = output.getOut().replaceAll("(?s).*expires: (\\S+) .*", "$1");
        assertThat(Instant.parse(expires))
                .isBetween(Instant.now().plus(Duration.ofDays(6)), Instant.now().plus(Duration.ofDays(7)));
    }

    @Test
    void printsAnotherKeyEachTime(CapturedOutput output) {
        run("keys", "create", "--print", "--tenant", "search");
        run("keys", "create", "--print", "--tenant", "search");

        assertThat(KEY.matcher(output.getOut()).results().map(found -> found.group(1)))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void keepsTheFilesCommentsAndRotatesInIt(@TempDir Path folder, CapturedOutput output) throws Exception {
        Path file = folder.resolve("tenants.yaml");
        Files.writeString(file, "# Ours\ntenants: []  # none yet\n");

        assertThat(run("keys", "create", "--tenant", "search", "--file", file.toString()))
                .isZero();
        ApiKey first = printedKey(output);
        int shown = output.getOut().length();
        assertThat(run("keys", "rotate", "--key", first.id(), "--overlap", "12h", "--file", file.toString()))
                .isZero();
        ApiKey second = ApiKey.parse(output.getOut().substring(shown).replaceAll("(?s).*\\s(dg-\\S+)\\s.*", "$1"));

        assertThat(Files.readString(file)).contains("# Ours", "# none yet").doesNotContain(first.value());
        try (TenantsFile tenants = new TenantsFile(file, Duration.ofDays(1), null, new SimpleMeterRegistry())) {
            Instant soon = Instant.now().plus(Duration.ofHours(11));
            Instant later = Instant.now().plus(Duration.ofHours(13));
            assertThat(tenants.current().callerOf(first, soon)).isNotNull();
            assertThat(tenants.current().callerOf(first, later)).isNull();
            assertThat(tenants.current().callerOf(second, later).tenant().id()).isEqualTo("search");
        }
        assertThat(run("keys", "revoke", "--key", first.id(), "--file", file.toString()))
                .isZero();
        assertThat(Files.readString(file)).contains(second.id(), "# Ours").doesNotContain(first.id());
        assertThat(folder).isDirectoryNotContaining("glob:**/.*");
    }

    @Test
    void replacesTheFileSoThatWhoeverReadsItReadsAWholeOne(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("tenants.yaml"), "tenants: []\n");
        Path asItWas = Files.createLink(folder.resolve("linked.yaml"), file);

        assertThat(run("keys", "create", "--tenant", "search", "--file", file.toString()))
                .isZero();

        assertThat(Files.readString(file)).contains("search");
        assertThat(asItWas).content().isEqualTo("tenants: []\n");
    }

    @Test
    void showsTheLastUseThatTheLedgerKnowsAlsoOfAGatewayThatRuns(@TempDir Path folder, CapturedOutput output)
            throws Exception {
        Path file = Files.writeString(folder.resolve("tenants.yaml"), """
                tenants:
                  - { id: search, keys: [{ id: k1, sha256: SHA, created: 2026-01-01T00:00:00Z }, { id: k2, sha256: SHA }] }
                """.replace("SHA", "0".repeat(64)));
        Properties before = (Properties) System.getProperties().clone();
        try (LedgerFile ledger = LedgerFile.in(folder)) {
            System.setProperty("spring.config.location", "classpath:/application.yaml");
            System.setProperty("gateway.usage.directory", folder.toString());
            ledger.add("search", "2026-10-01T00:00:00Z", 1, 1, 1, 1L);
            ledger.add("search", "2026-11-23T10:20:30Z", 1, 1, 1, 1L);

            assertThat(run("keys", "list", "--file", file.toString())).isZero();
        } finally {
            System.setProperties(before);
        }

        assertThat(output.getOut())
                .containsPattern("search +k1 +\\d+ d +never +2026-11-23 10h UTC\n")
                .containsPattern("search +k2 +unknown +never +never\n");
    }

    @Test
    void saysThatTheLedgerIsNotThereAndMakesNone(@TempDir Path folder, CapturedOutput output) throws Exception {
        Path file = Files.writeString(
                folder.resolve("tenants.yaml"),
                "tenants: [{ id: search, keys: [{ id: k1, sha256: " + "0".repeat(64) + " }] }]");
        Properties before = (Properties) System.getProperties().clone();
        try {
            System.setProperty("spring.config.location", "classpath:/application.yaml");
            System.setProperty("gateway.usage.directory", folder.resolve("data").toString());

            assertThat(run("keys", "list", "--file", file.toString())).isZero();
        } finally {
            System.setProperties(before);
        }

        assertThat(output.getOut()).containsPattern("search +k1 +unknown +never +unknown\n");
        assertThat(output.getErr()).startsWith("The ledger cannot be read: ").doesNotContain("\tat ");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void changesNothingWhereTheKeyIsUnknownOrTheFileWrong(@TempDir Path folder, CapturedOutput output)
            throws Exception {
        Path file = Files.writeString(folder.resolve("tenants.yaml"), "tenants: [{ id: search }]");

        assertThat(run("keys", "revoke", "--key", "k1", "--file", file.toString()))
                .isEqualTo(1);
        assertThat(output.getOut()).contains("there is no key 'k1'; 'keys list' shows those there are");
        Files.writeString(file, "tenants: [{ id: Bad }]");
        assertThat(run("keys", "create", "--tenant", "mail", "--file", file.toString()))
                .isEqualTo(1);

        assertThat(output.getOut()).contains(file + ":1: tenant id 'Bad'").doesNotContain("dg-");
        assertThat(Files.readString(file)).isEqualTo("tenants: [{ id: Bad }]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keys",
                "keys create",
                "keys create --tenant",
                "keys create --tenant Search",
                "keys create --tenant the_search",
                "keys create --tenant search --days 0",
                "keys create --tenant search --days -5",
                "keys create --tenant search --days 3651",
                "keys create --tenant search --days soon",
                "keys create --tenant search --for ever",
                "keys destroy",
                "keys rotate",
                "keys rotate --key k1 --overlap soon",
                "keys revoke",
                "config",
                "config chekc",
                "config check everything",
            })
    void refusesWrongArguments(String line, CapturedOutput output) {
        assertThat(run(line.split(" "))).isEqualTo(2);

        assertThat(output.getErr()).isNotBlank().doesNotContain("\tat ");
        assertThat(output.getOut()).doesNotContain("dg-");
    }

    @Test
    void saysWhatATenantsIdIs(CapturedOutput output) {
        run("keys", "create", "--tenant", "The Search");

        assertThat(output.getErr())
                .startsWith("--tenant: write lower-case letters, digits and hyphens, at most 63")
                .contains("Usage: java -jar deepgate.jar keys");
    }

    @Test
    void explainsItself(CapturedOutput output) {
        assertThat(run("--help")).isZero();

        assertThat(output.getOut()).contains("keys", "config", "Without a command: starts the gateway.");
    }

    @Test
    void leavesAllElseToTheGateway() {
        assertThat(Commands.isCommand(new String[] {})).isFalse();
        assertThat(Commands.isCommand(new String[] {"--server.port=80"})).isFalse();
        assertThat(Commands.isCommand(new String[] {"--server.port=80", "keys"}))
                .isFalse();
        assertThat(Commands.isCommand(new String[] {"keys"})).isTrue();
        assertThat(Commands.isCommand(new String[] {"config", "check"})).isTrue();
        assertThat(Commands.isCommand(new String[] {"--help"})).isTrue();
    }

    private static int run(String... args) {
        return Commands.run(DeepgateApplication.class, args);
    }

    private static ApiKey printedKey(CapturedOutput output) {
        Matcher key = KEY.matcher(output.getOut());
        assertThat(key.find()).isTrue();
        return ApiKey.parse(key.group(1));
    }

    private static String yaml(CapturedOutput output) {
        return output.getOut().substring(output.getOut().indexOf("  - id:"));
    }
}

package io.deepgate.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Calls of search, which allows it, and of mail, which does not, of an alias whose candidate is asked behind their backs. */
class ShadowTests {

    private static final ApiKey LEGAL = ApiKey.parse("dg-legal1-0123456789abcdefghij0123456789abcdefghij");
    private static final byte[] KEY = new byte[32];

    private static final String TENANTS = """
            tenants:
              - { id: search, shadow-calls: true, keys: [{ id: %s, sha256: %s }], budget: { usd-per-day: 100 } }
              - { id: mail, keys: [{ id: %s, sha256: %s }] }
              - { id: legal, shadow-calls: true, keep-shadow-pairs: true, keys: [{ id: %s, sha256: %s }] }
            """.formatted(
                    Gateway.SEARCH.id(),
                    Gateway.SEARCH.sha256Hex(),
                    Gateway.MAIL.id(),
                    Gateway.MAIL.sha256Hex(),
                    LEGAL.id(),
                    LEGAL.sha256Hex());

    private static final String HI = "Hi [[tokens 3]]";
    private static final String SEALED = "only reviewers see this";
    private static final String SECRET = "the heron flies at midnight";

    private static Sandbox sandbox;
    private static Gateway gateway;
    private static Path directory;

    @BeforeAll
    static void starts() throws IOException {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        directory = Files.createTempDirectory("shadow");
        List<String> all = new ArrayList<>(List.of(
                "gateway.usage.directory=" + directory,
                "gateway.shadow.pairs.directory=" + directory.resolve("pairs"),
                "gateway.shadow.pairs.key=" + Base64.getEncoder().encodeToString(KEY)));
        for (String name : List.of("both", "allowed", "failed", "nowhere", "spent", "asked", "secret", "kept")) {
            String alias = "gateway.catalog.aliases." + name;
            all.add(alias + ".slug=deepseek-flash");
            all.add(alias + ".candidate.slug=" + (name.equals("nowhere") ? "sandbox-nowhere" : "sandbox-same"));
            all.add(alias + ".candidate.shadow.share=100");
        }
        all.add("gateway.catalog.aliases.spent.candidate.shadow.tokens-per-day=1");
        for (String slug : List.of("sandbox-same", "sandbox-nowhere")) {
            String row = "gateway.catalog.prices." + slug + "[0].";
            all.add(row + "from=2026-01-01T00:00:00Z");
            List.of("input-cached", "input-uncached", "output").forEach(kind -> all.add(row + kind + "=1"));
        }
        gateway = Gateway.with(TENANTS, sandbox.baseUrl(), all.toArray(String[]::new));
    }

    @AfterAll
    static void stops() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void asksTheCandidateTooWhenTheClientHasItsAnswer() {
        assertThat(chat("both", false, HI)).contains("\"model\":\"deepseek-flash\"");
        assertThat(chat("both", true, HI)).endsWith("data: [DONE]\n\n");

        within(() -> count("both", "calls", "result", "completed") == 2);
        assertThat(count("both", "answers", "side", "stable")).isEqualTo(2);
        assertThat(count("both", "answers", "side", "candidate")).isEqualTo(2);
        assertThat(count("both", "cost")).isPositive();
        within(() -> count("both", "checks", "check", "no_refusal") == 4);
        within(() -> rows(
                        "both",
                        "variant = 'shadow' AND slug = 'sandbox-same' AND tenant = '(shadow)'"
                                + " AND key_id = 'search' AND outcome = 'COMPLETED' AND finish = 'stop' AND cost_nanos > 0")
                == 2);
        assertThat(rows("both", "tenant = 'search' AND variant = 'stable'")).isEqualTo(2);
        assertThat(gateway.meters()
                        .find("gateway.usage.calls")
                        .tag("model", "sandbox-same")
                        .counters())
                .as("it is no call of the tenant's")
                .isEmpty();
        AtRest.assertThatHasNoOpenCall(gateway);
        atRest();
    }

    @Test
    void asksNothingForTenantsThatDoNotAllowIt() {
        for (int i = 0; i < 5; i++) {
            gateway.send(gateway.request("/chat/completions", Gateway.MAIL)
                    .POST(BodyPublishers.ofString(body("allowed", false, HI)))
                    .build());
        }
        chat("allowed", false, HI);

        within(() -> count("allowed", "calls") == 1);
        assertThat(rows("allowed", "variant = 'shadow' AND key_id = 'mail'")).isZero();
        assertThat(count("allowed", "dropped")).isZero();
    }

    @Test
    void asksNothingOfCallsThatFailed() {
        chat("failed", false, "[[status 500]]");
        chat("failed", true, "[[garbage]]");

        AtRest.assertThatHasNoOpenCall(gateway);
        atRest();
        assertThat(count("failed", "calls")).isZero();
    }

    @Test
    void failsNoCallWhenTheCandidateFails() {
        for (int i = 0; i < 8; i++) {
            assertThat(chat("nowhere", false, HI)).contains("\"model\":\"deepseek-flash\"");
        }

        within(() -> count("nowhere", "calls", "result", "failed") + count("nowhere", "dropped") == 8);
        within(() -> rows("nowhere", "variant = 'shadow' AND outcome = 'REFUSED' AND cost_nanos = 0") >= 1);
        atRest();
    }

    @Test
    void stopsWhenItsBudgetOfTheDayIsSpent() {
        chat("spent", false, HI);
        within(() -> count("spent", "calls") == 1);
        atRest();
        chat("spent", false, HI);

        within(() -> count("spent", "dropped", "reason", "budget") == 1);
        assertThat(count("spent", "calls")).isEqualTo(1);
        atRest();
    }

    @Test
    void checksWhatWasAskedFor() {
        chat("asked", false, "As JSON: [[say {\\\"a\\\":1}]]", "\"response_format\":{\"type\":\"json_object\"}");
        chat(
                "asked",
                true,
                "Hi",
                "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look_up\",\"parameters\":{\"type\":\"object\"}}}],"
                        + "\"thinking\":{\"type\":\"disabled\"},\"tool_choice\":\"required\"");

        within(() -> count("asked", "checks", "check", "json") == 2);
        within(() -> count("asked", "checks", "check", "same_tools") == 1);
        assertThat(count("asked", "checks", "check", "tool_arguments", "passed", "true"))
                .isEqualTo(2);
        assertThat(count("asked", "checks", "passed", "false")).isZero();
    }

    @Test
    void keepsPairsOfTenantsThatAllowItSealed() throws IOException {
        gateway.send(gateway.request("/chat/completions", LEGAL)
                .POST(BodyPublishers.ofString(body("kept", false, "[[say " + SEALED + "]]")))
                .build());
        Path pairs = directory.resolve("pairs");
        List<String> read = new ArrayList<>();
        PairStore store = new PairStore(pairs, KEY, Duration.ofDays(7), InstantSource.system());
        within(() -> {
            read.clear();
            return store.read(read::add) == 0 && read.size() == 1;
        });

        assertThat(read.getFirst())
                .contains("\"alias\":\"kept\"", "\"tenant\":\"legal\"", "\"text\":\"" + SEALED + "\"", "messages");
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain(SEALED);
            }
        }
    }

    @Test
    void keepsNothingOfPromptsAndAnswers() throws IOException {
        chat("secret", false, "[[say " + SECRET + "]]");
        within(() -> count("secret", "checks") > 0);
        within(() -> rows("secret", "variant = 'shadow'") == 1);

        assertThat(gateway.prometheus()).doesNotContain(SECRET);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain(SECRET);
            }
        }
    }

    private static String chat(String alias, boolean stream, String said, String... more) {
        return gateway.chat(body(alias, stream, said, more)).body();
    }

    private static String body(String alias, boolean stream, String said, String... more) {
        return "{\"model\":\"" + alias + "\",\"stream\":" + stream
                + Arrays.stream(more).map(field -> "," + field).collect(Collectors.joining())
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + said + "\"}]}";
    }

    /** The sum of an alias's counters that have these tags. */
    private static double count(String alias, String name, String... tags) {
        return gateway.meters().find("gateway.shadow." + name).tag("alias", alias).tags(tags).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static long rows(String alias, String where) {
        return JdbcClient.create(gateway.bean(DataSource.class))
                .sql("SELECT COUNT(*) FROM call WHERE alias = '" + alias + "' AND " + where)
                .query(Long.class)
                .single();
    }

    /** Nothing waits, is in flight or held. */
    private static void atRest() {
        for (String gauge : List.of("queued", "in.flight", "bodies")) {
            within(() -> gateway.meters().get("gateway.shadow." + gauge).gauge().value() == 0);
        }
    }

    private static void within(Callable<Boolean> condition) {
        AtRest.every(Duration.ofMillis(20), Duration.ofSeconds(20), condition);
    }
}

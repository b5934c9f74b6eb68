package io.deepgate.watch.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.DeepgateApplication;
import io.deepgate.Gateway;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.watch.Commands;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.w3c.dom.Element;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command as a team runs it, before the sandbox. */
@ExtendWith(OutputCaptureExtension.class)
class ReplayTests {

    @TempDir
    private Path folder;

    private Sandbox sandbox;

    @BeforeEach
    void starts() {
        sandbox = Sandbox.start(
                new SandboxProperties(0, Duration.ofMillis(1), 100_000, Duration.ofSeconds(1), "sk-sandbox"));
    }

    @AfterEach
    void ends() {
        sandbox.close();
    }

    @Test
    void findsWhatACandidateDoesWorse(CapturedOutput output) throws Exception {
        try (Gateway gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                "gateway.catalog.aliases.short.slug=deepseek-flash",
                "gateway.catalog.aliases.short.max-tokens=3",
                "gateway.catalog.aliases.short.force.thinking=disabled")) {
            Path cases = cases(
                    say("greets", "Hello there, how are you today?", "{\"contains\":\"today\"}"),
                    say("is short", "Hi", "{\"exact\":\"Hi\",\"max_tokens\":3}"),
                    say("<never>", "Hi", "{\"regex\":\"^x\"}"),
                    say("asks", "ok", "{\"max_tokens\":2}"),
                    "{\"messages\":[{\"role\":\"user\",\"content\":\"[[say no check]]\"}]}",
                    "{\"id\":\"is refused\",\"request\":{\"n\":2,\"messages\":[]}}");

            int exit = replay(
                    cases,
                    "--base-url",
                    gateway.baseUrl().toString(),
                    "--api-key",
                    Gateway.SEARCH.value(),
                    "--candidate",
                    "short",
                    "--against",
                    "deepseek-flash",
                    "--answers");

            assertThat(exit).isEqualTo(1);
        }
        assertThat(output.getOut())
                .contains("short: 1 regression in 6 cases, 2 fixed; the cost is not known. See " + out("report.html"));
        assertThat(output.getErr()).contains("0 left, ");
        JsonNode report = JsonMapper.shared().readTree(Files.readString(out("report.json")));
        assertThat(report.path("cases")
                        .valueStream()
                        .map(one -> one.path("id").asString() + " "
                                + one.path("verdict").asString()))
                .containsExactly(
                        "greets REGRESSION",
                        "is short FIXED",
                        "<never> FAILS",
                        "asks FIXED",
                        "line 5 PASSES",
                        "is refused FAILS");
        assertThat(report.at("/cases/0/candidate/failures/0").asString()).isEqualTo("does not contain \"today\"");
        assertThat(report.at("/cases/0/candidate/finish").asString()).isEqualTo("length");
        assertThat(report.at("/cases/5/candidate/failures/0").asString())
                .isEqualTo("is refused with 400: DeepSeek gives one choice per call: leave \"n\" out, or send 1.");
        assertThat(report.at("/against/cost").isNumber()).isTrue();
        assertThat(Files.readString(out("report.html")))
                .contains("<svg", "class='worse'", "Regressions (1)", "&lt;never&gt;", "Hello there, how")
                .doesNotContain("<never>", "http:");
        Element suite = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(out("junit.xml").toFile())
                .getDocumentElement();
        assertThat(suite.getAttribute("tests")).isEqualTo("6");
        assertThat(suite.getAttribute("failures")).isEqualTo("1");
        assertThat(suite.getElementsByTagName("failure").getLength()).isEqualTo(1);
        assertThat(suite.getElementsByTagName("skipped").getLength()).isEqualTo(2);
    }

    @Test
    void exitsWithZeroWhereNothingIsWorseAndSaysWhatItCosts(CapturedOutput output) throws Exception {
        assertThat(direct(cases(20), "--candidate", "deepseek-v4-pro")).isZero();

        assertThat(output.getOut())
                .containsPattern("deepseek-v4-pro: no regression in 20 cases, 0 fixed; it costs 0\\.\\d{6} USD,"
                        + " deepseek-flash 0\\.\\d{6}\\.");
        assertThat(Files.readString(out("results.jsonl"))).doesNotContain("Question");
    }

    @Test
    void goesOnAfterItWasKilledWithoutPayingTwice() throws Exception {
        int count = 40;
        int atOnce = 3;
        Path cases = cases(IntStream.range(0, count)
                .mapToObj(i -> say("case " + i, "Answer " + i, "{}").replace("[[say", "[[delay 30ms]] [[say"))
                .toArray(String[]::new));
        Process process = started(cases, "--at-once", "3");
        AtRest.every(
                Duration.ofMillis(5),
                Duration.ofSeconds(60),
                () -> Files.exists(out("results.jsonl")) && results().size() >= 10);
        process.destroyForcibly().waitFor();
        int before = results().size();
        assertThat(before).isBetween(10, 2 * count - 1);

        assertThat(direct(cases, "--at-once", "3")).isZero();

        assertThat(results()).doesNotHaveDuplicates().hasSize(2 * count);
        assertThat(sandbox.requests())
                .as("only what was in flight is asked again")
                .isBetween(2L * count, 2L * count + atOnce);
        long asked = sandbox.requests();
        assertThat(direct(cases, "--at-once", "3")).isZero();
        assertThat(sandbox.requests()).as("all has been asked").isEqualTo(asked);
    }

    @Test
    void stopsWhenTheBudgetIsSpentAndGoesOnWithALargerOne(CapturedOutput output) throws Exception {
        Path cases = cases(30);

        assertThat(direct(cases, "--budget", "0.0005", "--at-once", "1")).isEqualTo(1);
        long asked = sandbox.requests();
        assertThat(asked).isBetween(1L, 59L);
        assertThat(results().stream()
                        .mapToLong(line ->
                                JsonMapper.shared().readTree(line).path("cost").asLong())
                        .sum())
                .isLessThanOrEqualTo(500_000);
        assertThat(output.getErr()).contains("The budget is spent; with a larger one, the same command goes on.");
        assertThat(output.getOut()).contains(" unanswered;");

        assertThat(direct(cases, "--budget", "5")).isZero();
        assertThat(sandbox.requests()).isEqualTo(60);
    }

    @Test
    void keepsToItsRate() throws Exception {
        long start = System.nanoTime();

        assertThat(direct(cases(5), "--per-minute", "600")).isZero();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(880));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--candidate sandbox-none --budget 1 | A budget needs prices, and 'sandbox-none' has none below gateway.catalog.prices",
                "--api-key sk-invalid1 | 401: Authentication Fails, Your api key: ****lid1 is invalid",
                "--at-once 0 | --per-minute, --at-once and --timeout want 1 or more"
            })
    void endsAtOnceWhereNothingWouldCome(String arguments, String reason, CapturedOutput output) throws Exception {
        assertThat(direct(cases(3), arguments.split(" "))).isEqualTo(2);

        assertThat(output.getErr()).contains(reason);
    }

    @Test
    void namesTheLineOfACaseThatIsWrong(CapturedOutput output) throws Exception {
        Path cases = cases(say("a", "x", "{}"), say("a", "x", "{}"));

        assertThat(direct(cases)).isEqualTo(2);
        assertThat(output.getErr()).contains(cases + ":2: the id 'a' is there twice");
        assertThat(sandbox.requests()).isZero();
    }

    private Path out(String name) {
        return folder.resolve("out").resolve(name);
    }

    private List<String> results() throws IOException {
        return Files.readAllLines(out("results.jsonl"));
    }

    private Path cases(int count) throws IOException {
        return cases(IntStream.range(0, count)
                .mapToObj(i -> say("case " + i, "Answer " + i, "{\"contains\":\"" + i + "\"}"))
                .toArray(String[]::new));
    }

    private Path cases(String... lines) throws IOException {
        return Files.write(folder.resolve("cases.jsonl"), List.of(lines));
    }

    private static String say(String id, String text, String checks) {
        return "{\"id\":\"%s\",\"request\":{\"messages\":[{\"role\":\"user\",\"content\":\"Question [[say %s]]\"}]},\"checks\":%s}"
                .formatted(id, text, checks);
    }

    private int direct(Path cases, String... arguments) {
        return replay(cases, directly(arguments).toArray(String[]::new));
    }

    /** Straight to the sandbox, but for what {@code arguments} say. */
    private List<String> directly(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("--base-url", sandbox.baseUrl() + "/v1", "--against", "deepseek-flash"));
        List<String> given = List.of(arguments);
        if (!given.contains("--api-key")) {
            all.addAll(List.of("--api-key", "sk-team"));
        }
        if (!given.contains("--candidate")) {
            all.addAll(List.of("--candidate", "deepseek-v4-pro"));
        }
        all.addAll(given);
        return all;
    }

    private int replay(Path cases, String... arguments) {
        return Commands.run(
                DeepgateApplication.class, command(cases, List.of(arguments)).toArray(String[]::new));
    }

    private List<String> command(Path cases, List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(
                "replay", cases.toString(), "--out", folder.resolve("out").toString()));
        all.addAll(arguments);
        return all;
    }

    private Process started(Path cases, String... arguments) throws IOException {
        String classes = List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> all = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                classes,
                DeepgateApplication.class.getName()));
        all.addAll(command(cases, directly(arguments)));
        return new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("process.log").toFile())
                .start();
    }
}

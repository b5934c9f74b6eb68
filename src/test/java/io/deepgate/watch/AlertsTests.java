package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Prometheus' rules in {@code config}, each seen to fire and to be quiet by Prometheus' own tool. */
class AlertsTests {

    private static final Path RULES = Path.of("config", "alerts.yaml");
    private static final Path CASES = Path.of("src", "test", "resources", "prometheus", "alerts-test.yaml");
    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");

    @Test
    void fireAndAreQuiet() throws Exception {
        assumeTrue(
                Files.isExecutable(PROMTOOL) || System.getenv("CI") != null,
                "There is no promtool: alerts are not tested here. Install prometheus.");
        Process tool = new ProcessBuilder(PROMTOOL.toString(), "test", "rules", CASES.toString())
                .redirectErrorStream(true)
                .start();

        String said = new String(tool.getInputStream().readAllBytes());
        assertThat(tool.waitFor()).as(said).isZero();
        assertThat(said).contains("SUCCESS");
    }

    @Test
    void haveACaseForEachAndALineInTheRunbook() throws Exception {
        String cases = Files.readString(CASES);
        String readme = Files.readString(Path.of("README.md"));

        List<String> alerts = Pattern.compile("- alert: (\\w+)")
                .matcher(Files.readString(RULES))
                .results()
                .map(alert -> alert.group(1))
                .toList();
        assertThat(alerts).hasSize(16);
        for (String alert : alerts) {
            assertThat(cases).contains("name: " + alert + " fires\n", "name: " + alert + " is quiet\n");
            assertThat(readme).contains("| `" + alert + "` |");
        }
    }
}

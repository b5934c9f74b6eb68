package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every query of the dashboards, asked of a real Prometheus that watches a gateway with mixed traffic. */
class DashboardsTests {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
    private static final String TENANTS = "tenants: [{ id: search, keys: [{ id: %s, sha256: %s }], limits:"
                    .formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex())
            + " { requests-per-minute: 40 }, budget: { usd-per-day: 5 } }]";

    @TempDir
    private Path folder;

    @Test
    void haveDataInEveryPanel() throws Exception {
        assumeTrue(
                Files.isExecutable(PROMETHEUS) || System.getenv("CI") != null,
                "There is no Prometheus: dashboards are not tested here. Install prometheus.");
        try (Sandbox sandbox = Sandbox.start(
                        new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofMillis(50), "sk-sandbox"));
                Gateway gateway = Gateway.with(TENANTS, sandbox.baseUrl())) {
            int port = freePort();
            Process prometheus = start(gateway, port);
            try {
                AtRest.every(Duration.ofMillis(200), Duration.ofSeconds(30), () -> {
                    traffic(gateway);
                    return answers(gateway, port, "count(up == 1)") == 1;
                });
                List<String> silent = new ArrayList<>(queries());
                assertThat(silent).hasSizeGreaterThan(25);
                AtRest.every(Duration.ofMillis(500), Duration.ofSeconds(30), () -> {
                    traffic(gateway);
                    silent.removeIf(query -> answers(gateway, port, query) > 0);
                    return silent.isEmpty();
                });
            } finally {
                prometheus.destroy();
                prometheus.waitFor();
            }
        }
    }

    private static void traffic(Gateway gateway) {
        for (String said : List.of("Hello", "Hello", "[[status 503]]", "[[no usage]]")) {
            gateway.chat("{\"model\":\"deepseek-flash\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
                    + said + "\"}]}");
        }
    }

    private static List<String> queries() throws IOException {
        List<String> queries = new ArrayList<>();
        for (String board : List.of("deepgate-service", "deepgate-tenants")) {
            JsonNode read = JSON.readTree(Path.of("config", "grafana", "dashboards", board + ".json"));
            for (JsonNode panel : read.path("panels")) {
                for (JsonNode target : panel.path("targets")) {
                    queries.add(target.path("expr").asString());
                }
            }
        }
        return queries;
    }

    /** How many series with a number the query has; fails if Prometheus does not understand it. */
    private static long answers(Gateway gateway, int port, String query) {
        String asked = query.replace("$__rate_interval", "1m").replace("$tenant", ".*");
        URI uri = URI.create(
                "http://127.0.0.1:" + port + "/api/v1/query?query=" + URLEncoder.encode(asked, StandardCharsets.UTF_8));
        try {
            JsonNode answer = JSON.readTree(
                    gateway.send(HttpRequest.newBuilder(uri).build()).body());
            assertThat(answer.path("status").asString())
                    .as("%s: %s", asked, answer)
                    .isEqualTo("success");
            return answer.path("data")
                    .path("result")
                    .valueStream()
                    .filter(series -> !series.path("value").path(1).asString().equals("NaN"))
                    .count();
        } catch (UncheckedIOException e) {
            return 0;
        }
    }

    private Process start(Gateway gateway, int port) throws IOException {
        Path config = Files.writeString(folder.resolve("prometheus.yml"), """
                global: { scrape_interval: 1s }
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: deepgate
                    metrics_path: /actuator/prometheus
                    static_configs: [{ targets: ["127.0.0.1:%d"] }]
                """.formatted(
                        Path.of("config", "alerts.yaml").toAbsolutePath(), gateway.managementPort()));
        return new ProcessBuilder(
                        PROMETHEUS.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}

package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.deepgate.FreePorts;
import io.deepgate.Gateway;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus that watches a gateway, each second. */
final class PrometheusServer implements AutoCloseable {

    private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");

    /** Service Unavailable: it listens, and is not ready. */
    private static final int STARTING = 503;

    private final Gateway gateway;
    private final int port;
    private final Process process;

    private PrometheusServer(Gateway gateway, int port, Process process) {
        this.gateway = gateway;
        this.port = port;
        this.process = process;
    }

    /** Skips the test where there is no Prometheus, but not in CI. */
    static void require() {
        assumeTrue(
                Files.isExecutable(PROMETHEUS) || System.getenv("CI") != null,
                "There is no Prometheus: dashboards are not tested here. Install prometheus.");
    }

    /** Starts it, with its files in {@code folder}. */
    static PrometheusServer watching(Gateway gateway, Path folder) throws IOException {
        int port = FreePorts.next();
        Path config = Files.writeString(folder.resolve("prometheus.yml"), """
                global: { scrape_interval: 1s }
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: deepgate
                    metrics_path: /actuator/prometheus
                    static_configs: [{ targets: ["127.0.0.1:%d"] }]
                """.formatted(
                        Path.of("config", "alerts.yaml").toAbsolutePath(), gateway.managementPort()));
        Process process = new ProcessBuilder(
                        PROMETHEUS.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        return new PrometheusServer(gateway, port, process);
    }

    /** The query's answer now; none while Prometheus starts. Fails if it does not understand it. */
    @Nullable
    JsonNode ask(String query) {
        return get("query?query=" + encoded(query));
    }

    /** Its answers from {@code from} to {@code to}, seconds of the epoch, one in {@code step} seconds. */
    @Nullable
    JsonNode ask(String query, long from, long to, int step) {
        return get("query_range?query=" + encoded(query) + "&start=" + from + "&end=" + to + "&step=" + step);
    }

    /** How many series with a number the query has now. */
    long answers(String query) {
        JsonNode result = ask(query);
        return result == null
                ? 0
                : result.valueStream()
                        .filter(series ->
                                !series.path("value").path(1).asString().equals("NaN"))
                        .count();
    }

    private @Nullable JsonNode get(String asked) {
        URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/" + asked);
        try {
            HttpResponse<String> said = gateway.send(HttpRequest.newBuilder(uri).build());
            if (said.statusCode() == STARTING) {
                return null;
            }
            JsonNode answer = JsonMapper.shared().readTree(said.body());
            assertThat(answer.path("status").asString())
                    .as("%s: %s", asked, answer)
                    .isEqualTo("success");
            return answer.at("/data/result");
        } catch (UncheckedIOException e) {
            return null;
        }
    }

    private static String encoded(String query) {
        return URLEncoder.encode(query, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}

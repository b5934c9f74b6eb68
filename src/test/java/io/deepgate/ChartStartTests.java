package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.deepgate.watch.Commands;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real gateway with the files that the chart renders, laid down as Kubernetes mounts them. */
@Timeout(120)
class ChartStartTests {

    private static final String VALUES = """
            settings: { gateway.api.contact: the platform team, gateway.admission.capacity.calls: 100 }
            tenants: [{ id: search, keys: [{ id: %s, sha256: %s }] }]
            catalog: { upstreams: { deepseek: { base-url: "%s" } }, aliases: { %s: { slug: deepseek-flash } } }
            """;

    @TempDir
    private static Path pod;

    private static Sandbox sandbox;
    private static Map<String, Integer> ports;
    private static Chart chart;
    private static GatewayProcess gateway;

    @BeforeAll
    static void start() throws Exception {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 1000, Duration.ofMillis(50), "sk-sandbox"));
        ports = Map.of("8080", FreePorts.next(), "8081", FreePorts.next());
        Path keys = Files.createDirectories(pod.resolve("run/secrets/upstreams/deepseek"));
        Files.writeString(keys.resolve("api-keys"), "sk-sandbox\n");
        chart = Chart.render("pod", values("quick"));
        mount("first");
        gateway = GatewayProcess.start(pod);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> gateway.says("Started DeepgateApplication"));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void listensWhereTheChartSays() {
        Container container = pod().getContainers().getFirst();
        Map<String, Integer> named = container.getPorts().stream()
                .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));

        assertThat(gateway.port()).isEqualTo(ports.get(named.get("http").toString()));
        assertThat(gateway.managementPort())
                .isEqualTo(ports.get(named.get("management").toString()));
        assertThat(chart.all(Service.class))
                .allSatisfy(service -> assertThat(named)
                        .containsKey(service.getSpec()
                                .getPorts()
                                .getFirst()
                                .getTargetPort()
                                .getStrVal()));
    }

    @Test
    void answersProbesAndScrapes() throws Exception {
        Container container = pod().getContainers().getFirst();
        for (var probe :
                List.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())) {
            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management");
            assertThat(management(probe.getHttpGet().getPath())).contains("\"UP\"");
        }
        var monitor = Chart.render(Chart.feature("monitoring")).the(ServiceMonitor.class);
        String scraped = management(monitor.getSpec().getEndpoints().getFirst().getPath());
        assertThat(scraped)
                .contains(Chart.render(Chart.feature("autoscaling"))
                                .the(HorizontalPodAutoscaler.class)
                                .getSpec()
                                .getMetrics()
                                .getFirst()
                                .getPods()
                                .getMetric()
                                .getName()
                        + " ");
    }

    @Test
    void takesCallsWithTheKeyThatIsMounted() {
        assertThat(call("quick")).isZero();
        assertThat(gateway.output()).doesNotContain("sk-sandbox");
    }

    @Test
    void followsWhatKubernetesSwaps() throws Exception {
        chart = Chart.render("pod", values("swift"));
        mount("second");

        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> gateway.says("Read the catalog again"));
        assertThat(call("swift")).isZero();
    }

    private static int call(String model) {
        return Commands.run(DeepgateApplication.class, new String[] {
            "call",
            "--base-url=http://127.0.0.1:" + gateway.port() + "/v1",
            "--model=" + model,
            "--api-key=" + Gateway.SEARCH.value()
        });
    }

    private static String values(String alias) {
        return VALUES.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex(), sandbox.baseUrl(), alias);
    }

    private static PodSpec pod() {
        return chart.the(Deployment.class).getSpec().getTemplate().getSpec();
    }

    /** As the kubelet does: files in a folder of their own, a link to it that is swapped, and links to what is in that. */
    private static void mount(String version) throws IOException {
        Path config = Files.createDirectories(pod.resolve("config"));
        Volume volume = pod().getVolumes().stream()
                .filter(one -> one.getName().equals("config"))
                .findFirst()
                .orElseThrow();
        for (VolumeProjection source : volume.getProjected().getSources()) {
            if (source.getConfigMap() != null) {
                var item = source.getConfigMap().getItems().getFirst();
                Path file = config.resolve(".." + version).resolve(item.getPath());
                Files.createDirectories(file.getParent());
                Files.writeString(
                        file,
                        here(chart.configMap(source.getConfigMap().getName())
                                .getData()
                                .get(item.getKey())));
                Path link = config.resolve(Path.of(item.getPath()).getName(0));
                if (!Files.isSymbolicLink(link)) {
                    Files.createSymbolicLink(
                            link, Path.of("..data", link.getFileName().toString()));
                }
            }
        }
        Path swapped = Files.createSymbolicLink(config.resolve("..data_tmp"), Path.of(".." + version));
        Files.move(swapped, config.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** A machine of its own is what a pod has and a test has not: other ports, other folders. */
    private static String here(String text) {
        return text.replace("server.port: 8080", "server.port: " + ports.get("8080"))
                .replace("server.port: 8081", "server.port: " + ports.get("8081"))
                .replace("/app/data", pod + "/app/data")
                .replace("/run/secrets", pod + "/run/secrets");
    }

    private static String management(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}

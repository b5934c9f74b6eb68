package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.Chart.ExternalSecret;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Helm chart as Helm renders it: all of it read by Kubernetes' own model, which knows of no field that is not there. */
class ChartTests {

    private static final Path VALUES = Chart.FOLDER.resolve("values.yaml");

    static Stream<Path> values() throws IOException {
        try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("ci"))) {
            return Stream.concat(Stream.of(VALUES), files.sorted().toList().stream());
        }
    }

    @Test
    void isWhatHelmWants() {
        var result = Chart.helm().lint().strict().call();

        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("values")
    void selectsItsPodsAndNoOthers(Path values) {
        Chart chart = Chart.render(values);
        Deployment deployment = chart.the(Deployment.class);
        Map<String, String> pod =
                deployment.getSpec().getTemplate().getMetadata().getLabels();
        List<Map<String, String>> selectors = new ArrayList<>();
        selectors.add(deployment.getSpec().getSelector().getMatchLabels());
        chart.all(Service.class)
                .forEach(service -> selectors.add(service.getSpec().getSelector()));
        chart.all(PodDisruptionBudget.class)
                .forEach(budget -> selectors.add(budget.getSpec().getSelector().getMatchLabels()));
        chart.all(NetworkPolicy.class)
                .forEach(policy ->
                        selectors.add(policy.getSpec().getPodSelector().getMatchLabels()));
        deployment
                .getSpec()
                .getTemplate()
                .getSpec()
                .getTopologySpreadConstraints()
                .forEach(spread -> selectors.add(spread.getLabelSelector().getMatchLabels()));

        assertThat(selectors).hasSizeGreaterThanOrEqualTo(5).allSatisfy(selector -> {
            assertThat(selector).isNotEmpty();
            assertThat(pod).containsAllEntriesOf(selector);
            for (Pod other : chart.all(Pod.class)) {
                assertThat(selector.entrySet().stream()
                                .allMatch(label -> label.getValue()
                                        .equals(other.getMetadata().getLabels().get(label.getKey()))))
                        .isFalse();
            }
        });
    }

    @ParameterizedTest
    @MethodSource("values")
    void runsPodsThatMayDoNothing(Path values) {
        Chart chart = Chart.render(values);
        assertThat(chart.the(ServiceAccount.class).getAutomountServiceAccountToken())
                .isFalse();
        assertThat(deployed(chart).getServiceAccountName())
                .isEqualTo(chart.the(ServiceAccount.class).getMetadata().getName());
        Stream.concat(Stream.of(deployed(chart)), chart.all(Pod.class).stream().map(Pod::getSpec))
                .forEach(pod -> {
                    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
                    var security = pod.getSecurityContext();
                    assertThat(security.getRunAsNonRoot()).isTrue();
                    assertThat(security.getRunAsUser()).isPositive();
                    assertThat(security.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
                    var container = pod.getContainers().getFirst().getSecurityContext();
                    assertThat(container.getAllowPrivilegeEscalation()).isFalse();
                    assertThat(container.getReadOnlyRootFilesystem()).isTrue();
                    assertThat(container.getCapabilities().getDrop()).containsExactly("ALL");
                    assertThat(container.getPrivileged()).isNull();
                    assertThat(pod.getContainers().getFirst().getResources().getLimits())
                            .containsKey("memory");
                });
    }

    @ParameterizedTest
    @MethodSource("values")
    void mountsWhatThereIs(Path values) {
        Chart chart = Chart.render(values);
        PodSpec pod = deployed(chart);
        List<VolumeMount> mounts = gateway(pod).getVolumeMounts();

        assertThat(mounts)
                .extracting(VolumeMount::getName)
                .containsExactlyInAnyOrderElementsOf(
                        pod.getVolumes().stream().map(Volume::getName).toList());
        assertThat(mounts).as("a subPath is not followed when it changes").allSatisfy(mount -> {
            assertThat(mount.getSubPath()).isNull();
            assertThat(mount.getSubPathExpr()).isNull();
        });
        for (VolumeProjection source : config(pod).getProjected().getSources()) {
            if (source.getConfigMap() != null) {
                ConfigMap map = chart.configMap(source.getConfigMap().getName());
                assertThat(map.getData())
                        .containsKey(source.getConfigMap().getItems().getFirst().getKey());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("values")
    void givesCallsTheTimeToEndThatTheGatewayGivesThem(Path values) {
        Chart chart = Chart.render(values);
        PodSpec pod = deployed(chart);
        long sleep = gateway(pod).getLifecycle().getPreStop().getSleep().getSeconds();
        String drain = new TreeMap<>(settings(chart)).get("gateway").toString();
        long seconds = Long.parseLong(drain.replaceAll("(?s).*drain-timeout=(\\d+)s.*", "$1"));

        assertThat(sleep).isPositive();
        // After the drain, streams get their last event and what clients do not take is given up: two seconds.
        assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(sleep + seconds + 5);
        assertThat(chart.the(Deployment.class)
                        .getSpec()
                        .getStrategy()
                        .getRollingUpdate()
                        .getMaxUnavailable()
                        .getIntVal())
                .isZero();
    }

    @Test
    void keepsSecretsInSecrets() {
        Chart chart = Chart.render(Chart.feature("production"));

        assertThat(chart.all(ConfigMap.class))
                .hasSize(3)
                .allSatisfy(map -> assertThat(String.join("\n", map.getData().values()))
                        .doesNotContainPattern("(?i)password|secret:|api-key:|username|sk-|dg-"));
        Map<String, EnvVar> environment = gateway(deployed(chart)).getEnv().stream()
                .collect(Collectors.toMap(EnvVar::getName, variable -> variable));
        assertThat(environment.keySet())
                .contains("SPRING_DATA_REDIS_PASSWORD", "SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD");
        assertThat(environment.values())
                .filteredOn(variable -> variable.getName().matches(".*(PASSWORD|USERNAME|KEY).*"))
                .allSatisfy(variable -> {
                    assertThat(variable.getValue()).isNull();
                    assertThat(variable.getValueFrom().getSecretKeyRef().getName())
                            .isNotBlank();
                });
        assertThat(deployed(chart).getVolumes().stream()
                        .map(Volume::getSecret)
                        .filter(Objects::nonNull)
                        .map(secret -> secret.getSecretName()))
                .containsExactlyInAnyOrder("deepseek-keys", "vllm");
        assertThat(config(deployed(chart)).getProjected().getSources())
                .anySatisfy(source -> assertThat(source.getSecret())
                        .extracting(secret -> secret.getName())
                        .isEqualTo("operators"));
    }

    @Test
    void restartsPodsForSettingsOnly() throws IOException {
        Map<String, String> before = annotations(Chart.render("production", "{}"));

        assertThat(annotations(Chart.render("production", "catalog: { default-slug: deepseek-v4-pro }")))
                .isEqualTo(before);
        assertThat(annotations(Chart.render("production", "tenants: [{ id: mail }]")))
                .isEqualTo(before);
        assertThat(annotations(Chart.render("production", "settings: { gateway.admission.capacity.calls: 5001 }")))
                .isNotEqualTo(before);
        assertThat(annotations(Chart.render("production", "stop: { drainSeconds: 601 }")))
                .isNotEqualTo(before);
        assertThat(annotations(Chart.render("production", "redis: { host: other }")))
                .isNotEqualTo(before);
    }

    @Test
    void letsOnlyOutWhatIsNeeded() {
        NetworkPolicy policy = Chart.render(Chart.feature("production")).the(NetworkPolicy.class);

        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getSpec().getIngress())
                .hasSize(2)
                .allSatisfy(rule -> assertThat(rule.getFrom()).isNotEmpty());
        Set<Object> ports = new TreeSet<>();
        policy.getSpec()
                .getEgress()
                .forEach(rule ->
                        rule.getPorts().forEach(port -> ports.add(port.getPort().getIntVal())));
        assertThat(ports).containsExactly(53, 443, 5432, 6379, 8000);
        assertThat(Chart.render().the(NetworkPolicy.class).getSpec().getEgress())
                .hasSize(2);
    }

    @Test
    void routesStreams() {
        Ingress ingress = Chart.render(Chart.feature("ingress")).the(Ingress.class);
        assertThat(ingress.getMetadata().getAnnotations())
                .containsEntry("nginx.ingress.kubernetes.io/proxy-buffering", "off")
                .containsEntry("nginx.ingress.kubernetes.io/proxy-read-timeout", "3600");
        var backend = ingress.getSpec()
                .getRules()
                .getFirst()
                .getHttp()
                .getPaths()
                .getFirst()
                .getBackend()
                .getService();
        assertThat(backend.getName()).isEqualTo("deepgate");
        assertThat(backend.getPort().getName()).isEqualTo("http");
        assertThat(ingress.getSpec().getTls().getFirst().getHosts()).hasSize(2);

        var rule = Chart.render(Chart.feature("gateway-api"))
                .the(HTTPRoute.class)
                .getSpec()
                .getRules()
                .getFirst();
        assertThat(rule.getTimeouts().getRequest()).isEqualTo("0s");
        assertThat(rule.getTimeouts().getBackendRequest()).isEqualTo("0s");
        assertThat(rule.getBackendRefs().getFirst().getName()).isEqualTo("deepgate");
        assertThat(rule.getBackendRefs().getFirst().getPort()).isEqualTo(80);
    }

    @Test
    void scalesByCallsThenByProcessorTime() {
        Chart chart = Chart.render(Chart.feature("autoscaling"));
        HorizontalPodAutoscaler scaler = chart.the(HorizontalPodAutoscaler.class);

        assertThat(scaler.getSpec().getScaleTargetRef().getName())
                .isEqualTo(chart.the(Deployment.class).getMetadata().getName());
        assertThat(chart.the(Deployment.class).getSpec().getReplicas()).isNull();
        assertThat(scaler.getSpec().getMetrics())
                .extracting(metric -> metric.getType())
                .containsExactly("Pods", "Resource");
    }

    @Test
    void hasTheAlertsAndBoardsThatAreTested() throws IOException {
        Chart chart = Chart.render(Chart.feature("monitoring"));
        JsonMapper json = JsonMapper.shared();

        JsonNode rendered = json.readTree(new com.fasterxml.jackson.databind.ObjectMapper()
                .writeValueAsString(chart.the(PrometheusRule.class).getSpec()));
        assertThat(rendered).isEqualTo(json.readTree(json.writeValueAsString(yaml(Path.of("config", "alerts.yaml")))));
        assertThat(Files.isSymbolicLink(Chart.FOLDER.resolve("files/alerts.yaml")))
                .isTrue();
        ConfigMap boards = chart.configMap("deepgate-dashboards");
        assertThat(boards.getMetadata().getLabels()).containsEntry("grafana_dashboard", "1");
        assertThat(boards.getData()).hasSize(2);
        for (var board : boards.getData().entrySet()) {
            assertThat(board.getValue().strip())
                    .isEqualTo(Files.readString(Path.of("config", "grafana", "dashboards", board.getKey()))
                            .strip());
        }
        ServiceMonitor monitor = chart.the(ServiceMonitor.class);
        assertThat(chart.all(Service.class))
                .filteredOn(service -> service.getMetadata()
                        .getLabels()
                        .entrySet()
                        .containsAll(
                                monitor.getSpec().getSelector().getMatchLabels().entrySet()))
                .extracting(service -> service.getMetadata().getName())
                .containsExactly("deepgate-management");
    }

    @Test
    void asksForExternalSecrets() {
        Chart chart = Chart.render(Chart.feature("external-secrets"));

        assertThat(chart.all(ExternalSecret.class)).hasSize(2).allSatisfy(secret -> {
            assertThat(secret.spec().target().name())
                    .isEqualTo(secret.metadata().getName());
            assertThat(secret.spec().data())
                    .isNotEmpty()
                    .allSatisfy(entry -> assertThat(entry.remoteRef().key()).isNotBlank());
        });
        assertThat(chart.all(ExternalSecret.class).stream()
                        .map(secret -> secret.metadata().getName()))
                .contains(deployed(chart).getVolumes().stream()
                        .map(Volume::getSecret)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElseThrow()
                        .getSecretName());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replica: 2",
                "replicas: two",
                "replicas: 2",
                "image: { digest: latest }",
                "image: { pullPolicy: Sometimes }",
                "upstreamKeys: { deepseek: { value: sk-0123456789 } }",
                "tenants: [{ id: search, keys: [{ id: k1, key: dg-k1-secret }] }]",
                "settings: { gateway.catalog: {} }",
                "settings: { gateway: { catalog: {} } }",
                "redis: { password: secret }",
                "postgres: { url: 'jdbc:postgresql://me:secret@db/deepgate' }",
                "postgres: { url: 'jdbc:postgresql://db/deepgate?user=me&password=secret' }",
                "stop: { drainSeconds: 25s }",
                "service: { type: External }",
                "httpRoute: { enabled: true }",
                "autoscaling: { enabled: true }",
                "ingress: { annotations: { a: 1 } }",
                "resources: { limits: { memory: lots } }",
                "podDisruptionBudget: { maxUnavailable: 0 }",
                "networkPolicy: { upstreamPorts: [https] }",
                "monitoring: { serviceMonitor: { interval: often } }",
                "externalSecrets: { secrets: { deepgate-deepseek: { api-keys: { value: sk-0123 } } } }"
            })
    void refusesWhatIsWrong(String values) {
        assertThatThrownBy(() -> Chart.render("pod", values))
                .hasMessageMatching("(?s).*(don't meet the specifications of the schema|several pods need).*");
    }

    @Test
    void knowsEveryValueAndNoOthers() throws IOException {
        JsonNode schema = JsonMapper.shared().readTree(Files.readString(Chart.FOLDER.resolve("values.schema.json")));

        assertThat(paths("", yaml(VALUES), schema)).hasSizeGreaterThan(80);
    }

    @Test
    void saysWhatEachValueIs() throws IOException {
        List<String> lines = Files.readAllLines(VALUES);
        for (int i = 0; i < lines.size(); i++) {
            boolean named = lines.get(i).matches("(  ){0,2}[a-zA-Z]+:.*");
            boolean first =
                    named && lines.get(i).matches(" +.*") && lines.get(i - 1).matches(" *[a-zA-Z]+:");
            boolean group = named && lines.get(i).endsWith(":");
            if (named && !group && !lines.get(i).matches("  (requests|limits): .*")) {
                assertThat(first ? "" : lines.get(i - 1).strip())
                        .as("line %d of values.yaml: %s", i + 1, lines.get(i))
                        .startsWith("#");
            }
        }
    }

    /** All properties of {@code values}; fails where the schema has other ones, or lets others in. */
    private static List<String> paths(String path, Map<String, Object> values, JsonNode schema) {
        assertThat(schema.path("additionalProperties").booleanValue(true))
                .as("%s has no other properties", path)
                .isFalse();
        Set<String> known = new TreeSet<>(schema.path("properties").propertyNames());
        known.remove("global");
        assertThat(values.keySet()).as(path).containsExactlyInAnyOrderElementsOf(known);
        List<String> all = new ArrayList<>();
        values.forEach((name, value) -> {
            JsonNode part = schema.path("properties").path(name);
            all.add(path + "." + name);
            if (value instanceof Map<?, ?> map && part.has("properties")) {
                @SuppressWarnings("unchecked")
                Map<String, Object> inner = (Map<String, Object>) map;
                all.addAll(paths(path + "." + name, inner, part));
            }
        });
        return all;
    }

    private static Map<String, String> annotations(Chart chart) {
        return chart.the(Deployment.class).getSpec().getTemplate().getMetadata().getAnnotations();
    }

    private static PodSpec deployed(Chart chart) {
        return chart.the(Deployment.class).getSpec().getTemplate().getSpec();
    }

    private static Container gateway(PodSpec pod) {
        return pod.getContainers().getFirst();
    }

    private static Volume config(PodSpec pod) {
        return pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals("config"))
                .findFirst()
                .orElseThrow();
    }

    /** The chart's own part of application.yaml. */
    private static Map<String, Object> settings(Chart chart) {
        ConfigMap map = chart.all(ConfigMap.class).stream()
                .filter(one -> one.getMetadata().getName().endsWith("-settings"))
                .findFirst()
                .orElseThrow();
        return load(map.getData().get("application.yaml").split("\n---\n")[0]);
    }

    private static Map<String, Object> yaml(Path file) throws IOException {
        return load(Files.readString(file));
    }

    private static Map<String, Object> load(String text) {
        return new Yaml().load(text);
    }
}

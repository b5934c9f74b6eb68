package io.deepgate;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The objects that Helm makes of the chart with some values, as release {@code deepgate}. */
record Chart(List<Object> objects) {

    static final Path FOLDER = Path.of("helm", "deepgate");

    private static final Path FOR_TEST = forTest();

    /** All that the chart may make. */
    private static final Map<String, Class<?>> TYPES = Map.ofEntries(
            Map.entry("v1 ConfigMap", ConfigMap.class),
            Map.entry("v1 Pod", Pod.class),
            Map.entry("v1 Service", Service.class),
            Map.entry("v1 ServiceAccount", ServiceAccount.class),
            Map.entry("apps/v1 Deployment", Deployment.class),
            Map.entry("autoscaling/v2 HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
            Map.entry("external-secrets.io/v1 ExternalSecret", ExternalSecret.class),
            Map.entry("gateway.networking.k8s.io/v1 HTTPRoute", HTTPRoute.class),
            Map.entry("monitoring.coreos.com/v1 PrometheusRule", PrometheusRule.class),
            Map.entry("monitoring.coreos.com/v1 ServiceMonitor", ServiceMonitor.class),
            Map.entry("networking.k8s.io/v1 Ingress", Ingress.class),
            Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
            Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class));

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new NothingElse())
            .build();

    /** Takes away the place that the models have for fields they do not know. */
    private static final class NothingElse extends JacksonAnnotationIntrospector {

        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return Boolean.FALSE;
        }
    }

    /** What the External Secrets operator's API reference has of an ExternalSecret, as far as the chart writes it. */
    record ExternalSecret(String apiVersion, String kind, ObjectMeta metadata, Spec spec) {

        record Spec(String refreshInterval, Store secretStoreRef, Target target, List<Entry> data) {}

        record Store(String name, String kind) {}

        record Target(String name) {}

        record Entry(String secretKey, Source remoteRef) {}

        record Source(String key, String property, String version) {}
    }

    /** The chart but for the oldest Kubernetes it takes, since Helm in a test says that it speaks to one of 2020. */
    private static Path forTest() {
        try (Stream<Path> parts = Files.list(FOLDER)) {
            Path folder = Files.createTempDirectory("chart");
            for (Path part : parts.toList()) {
                Files.createSymbolicLink(folder.resolve(part.getFileName()), part.toAbsolutePath());
            }
            Path about = folder.resolve("Chart.yaml");
            String text = Files.readString(about);
            Files.delete(about);
            Files.writeString(about, text.replaceAll("kubeVersion: .*", ""));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With default values. */
    static Chart render() {
        return of(template());
    }

    /** With the values of {@code file}. */
    static Chart render(Path file) {
        return of(template().withValuesFile(file));
    }

    /** With {@code values} in YAML, over those of {@code helm/deepgate/ci/<feature>-values.yaml}. */
    static Chart render(String feature, String values) throws IOException {
        Path file = Files.createTempFile("values", ".yaml");
        try {
            return of(template().withValuesFile(feature(feature)).withValuesFile(Files.writeString(file, values)));
        } finally {
            Files.delete(file);
        }
    }

    static Path feature(String name) {
        return FOLDER.resolve("ci").resolve(name + "-values.yaml");
    }

    /** Helm, as it has the chart. */
    static Helm helm() {
        return new Helm(FOR_TEST);
    }

    private static TemplateCommand template() {
        return helm().template().withName("deepgate");
    }

    private static Chart of(TemplateCommand template) {
        List<Object> objects = new ArrayList<>();
        for (Object document : new Yaml().loadAll(template.call())) {
            if (document instanceof Map<?, ?> object) {
                String type = object.get("apiVersion") + " " + object.get("kind");
                if (!TYPES.containsKey(type)) {
                    throw new AssertionError("There is no model of " + type);
                }
                objects.add(STRICT.convertValue(object, TYPES.get(type)));
            }
        }
        return new Chart(objects);
    }

    <T> List<T> all(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** The only one of its type. */
    <T> T the(Class<T> type) {
        List<T> all = all(type);
        if (all.size() != 1) {
            throw new AssertionError(all.size() + " of " + type.getSimpleName());
        }
        return all.getFirst();
    }

    ConfigMap configMap(String name) {
        return all(ConfigMap.class).stream()
                .filter(map -> map.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}

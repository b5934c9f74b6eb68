package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.admission.AdmissionProperties;
import io.deepgate.watch.WatchProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What {@code docker compose up} starts; that its form is right is seen in {@code .ci/containers}. */
class ComposeTests {

    private static final String LOOPBACK = "127.0.0.1:";

    private static JsonNode compose;

    @BeforeAll
    static void read() throws IOException {
        Object read = new Yaml().load(Files.readString(Path.of("docker-compose.yml")));
        compose = JsonMapper.shared().valueToTree(read);
    }

    @Test
    void startsTheSandboxUnlessToldOtherwise() throws IOException {
        assertThat(Files.readString(Path.of(".env"))).contains("COMPOSE_PROFILES=sandbox\n");
        assertThat(profiles("sandbox")).containsExactly("sandbox");
        assertThat(profiles("deepseek")).containsExactly("deepseek");
        assertThat(profiles("test")).containsExactly("test");
        for (String always : List.of("redis", "postgres", "prometheus", "grafana")) {
            assertThat(profiles(always)).as(always).isEmpty();
        }
    }

    @Test
    void mountsWhatThereIs() {
        List<String> mounts = strings(compose.path("services")
                        .valueStream()
                        .flatMap(service -> service.path("volumes").valueStream()))
                .filter(mount -> mount.startsWith("."))
                .toList();

        assertThat(mounts).hasSizeGreaterThan(4).allSatisfy(mount -> {
            assertThat(Path.of(mount.split(":")[0])).exists();
            assertThat(mount).endsWith(":ro");
        });
        assertThat(mounts).anyMatch(mount -> mount.startsWith("./config/alerts.yaml:/etc/prometheus/"));
        // Where the dashboards' provisioning looks for them.
        assertThat(mounts).contains("./config/grafana/dashboards:/etc/grafana/dashboards:ro");
    }

    @Test
    void publishesPortsOnLoopbackOnly() {
        assertThat(strings(compose.path("services")
                        .valueStream()
                        .flatMap(service -> service.path("ports").valueStream())))
                .hasSize(6)
                .allMatch(port -> port.startsWith(LOOPBACK));
    }

    @Test
    void checksTheHealthOfAllThatStays() {
        compose.path("services").properties().forEach(service -> {
            JsonNode test = service.getValue().path("healthcheck").path("test");
            assertThat(test.isArray())
                    .as(service.getKey())
                    .isEqualTo(!service.getKey().equals("test"));
            service.getValue().path("depends_on").properties().forEach(other -> {
                assertThat(compose.path("services").has(other.getKey())).isTrue();
                assertThat(other.getValue().path("condition").asString()).isEqualTo("service_healthy");
            });
        });
    }

    @Test
    void givesTheGatewayWhatItReads() {
        for (String gateway : List.of("sandbox", "deepseek")) {
            Map<String, Object> variables = new TreeMap<>();
            compose.path("services")
                    .path(gateway)
                    .path("environment")
                    .properties()
                    .forEach(variable -> variables.put(
                            variable.getKey(), variable.getValue().asString().replace("$$", "$")));
            StandardEnvironment environment = new StandardEnvironment();
            environment
                    .getPropertySources()
                    .forEach(source -> environment.getPropertySources().remove(source.getName()));
            environment
                    .getPropertySources()
                    .addFirst(new SystemEnvironmentPropertySource("systemEnvironment", variables));
            ConfigurationPropertySources.attach(environment);
            Binder binder = Binder.get(environment);

            assertThat(binder.bindOrCreate("gateway.admission", AdmissionProperties.class)
                            .store())
                    .hasToString("REDIS");
            assertThat(binder.bindOrCreate("gateway.watch", WatchProperties.class)
                            .users())
                    .containsOnlyKeys("operator");
            assertThat(environment.getProperty("spring.data.redis.host")).isEqualTo("redis");
            assertThat(environment.getProperty("spring.datasource.url")).startsWith("jdbc:postgresql://postgres/");
            assertThat(environment.getProperty("spring.datasource.username"))
                    .isEqualTo(compose.at("/services/postgres/environment/POSTGRES_USER")
                            .asString());
            assertThat(variables.get("SPRING_DATASOURCE_PASSWORD"))
                    .isEqualTo(compose.at("/services/postgres/environment/POSTGRES_PASSWORD")
                            .asString());
        }
    }

    @Test
    void runsTheGatewayAsTheImageDoes() throws IOException {
        String image = Files.readString(Path.of("Dockerfile"));
        String entrypoint = image.lines()
                .filter(line -> line.startsWith("ENTRYPOINT "))
                .findFirst()
                .orElseThrow()
                .replaceAll("^ENTRYPOINT \\[|]$", "");
        String health = strings(compose.at("/services/sandbox/healthcheck/test").valueStream())
                .skip(1)
                .map(word -> '"' + word + '"')
                .collect(Collectors.joining(", "));

        assertThat(health).isEqualTo(entrypoint + ", \"health\"");
        assertThat(image).contains("CMD [" + health + "]");
        var container = Chart.render(Chart.feature("production"))
                .the(io.fabric8.kubernetes.api.model.apps.Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec();
        assertThat(container.getContainers().getFirst().getCommand())
                .containsExactly(
                        "/opt/java/bin/java", "@jvm.options", "-XX:MaxRAMPercentage=60", "-jar", "deepgate.jar");
        assertThat(entrypoint).isEqualTo("\"/opt/java/bin/java\", \"@jvm.options\", \"-jar\", \"deepgate.jar\"");
        assertThat(image).contains("USER " + container.getSecurityContext().getRunAsUser() + ":");
    }

    private static List<String> profiles(String service) {
        return strings(compose.path("services").path(service).path("profiles").valueStream())
                .toList();
    }

    private static Stream<String> strings(Stream<JsonNode> nodes) {
        return nodes.map(JsonNode::asString);
    }
}

package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.deepgate.DeepgateApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

/** What the check finds in files, and that it finds what a start refuses. */
@ExtendWith(OutputCaptureExtension.class)
class ConfigCheckTests {

    private static final String SECRET = "sk-secret-0123456789";
    private static final String KEY = "{ id: k1, sha256: " + "0".repeat(64) + " }";

    @TempDir
    private Path folder;

    private final Properties before = (Properties) System.getProperties().clone();

    @BeforeEach
    void configures() throws Exception {
        folder = folder.toRealPath();
        writes("tenants.yaml", "tenants: [{ id: search, keys: [" + KEY + "] }]");
        System.setProperty("spring.config.location", "classpath:/application.yaml,optional:file:" + folder + "/");
        System.setProperty("gateway.catalog.upstreams.deepseek.api-key", SECRET);
        System.setProperty(
                "gateway.access.tenants-file", folder.resolve("tenants.yaml").toString());
        System.setProperty("gateway.usage.directory", folder.resolve("data").toString());
    }

    @AfterEach
    void restores() {
        System.setProperties(before);
    }

    @Test
    void findsTenantsThatRolloutsNameAndNobodyIs() throws Exception {
        writes("application.yaml", """
                gateway.catalog.aliases.fast:
                  slug: deepseek-flash
                  routes:
                    - { tenants: { mial: 3 } }
                    - { slug: deepseek-v4-pro }
                  candidate:
                    slug: deepseek-v5-flash
                    tenants:
                      search: 5
                      legal: 0
                """);

        assertThat(check().warnings())
                .contains(
                        place("application.yaml", 4)
                                + "gateway.catalog.aliases.fast.routes[0].tenants.mial is for a tenant that does not exist:"
                                + " write one of [search]",
                        place("application.yaml", 10)
                                + "gateway.catalog.aliases.fast.candidate.tenants.legal is for a tenant that does not exist:"
                                + " write one of [search]")
                .noneMatch(warning -> warning.contains("tenants.search"))
                .as("its price is not known either")
                .anyMatch(warning -> warning.contains("'deepseek-v5-flash' has no price"));
    }

    @Test
    void findsWhatIsReadByNothing() throws Exception {
        writes("application.yaml", """
                gatewy.watch.drain-timeout: 5s
                gateway:
                  catalog:
                    defualt-slug: deepseek-flash
                    aliases:
                      fast: { slug: deepseek-flash, force.thinkng: disabled }
                      "[gpt-4.1].slug": deepseek-flash
                    upstreams.deepseek.concurrency: { deepseek-flash: 5 }
                  usage.directory.size: 1GB
                  usage:
                    colour: blue
                """);
        writes("application-later.yaml", "gateway:\n  api:\n    head-timout: 5s\n");

        assertThat(check().errors()).isEmpty();
        assertThat(check().warnings())
                .containsExactly(
                        place("application.yaml", 1) + "gatewy is read by nothing: write gateway",
                        place("application.yaml", 4)
                                + "gateway.catalog.defualt-slug is read by nothing: write default-slug",
                        place("application.yaml", 6)
                                + "gateway.catalog.aliases.fast.force.thinkng is read by nothing: write thinking",
                        place("application.yaml", 9) + "gateway.usage.directory.size is read by nothing:"
                                + " gateway.usage.directory takes one value, and nothing below it",
                        place("application.yaml", 11) + "gateway.usage.colour is read by nothing: write one of"
                                + " directory, journal-limit, journal-full, keep-calls",
                        place("application-later.yaml", 3)
                                + "gateway.api.head-timout is read by nothing: write head-timeout");
    }

    @Test
    void knowsThatANameWithADotNeedsBrackets() throws Exception {
        writes("application.yaml", "gateway.catalog.aliases:\n  gpt-4.1.slug: deepseek-flash\n");

        assertThat(check().warnings())
                .anyMatch(warning -> warning.startsWith(place("application.yaml", 2)
                                + "gateway.catalog.aliases.gpt-4.1 is read by nothing: write one of slug, upstream, ")
                        && warning.endsWith("A name with a dot in it needs brackets, such as \"[gpt-4.1]\""));
    }

    @Test
    void refusesWhatIsReadByNothingInAList() throws Exception {
        writes("application.yaml", "gateway.catalog.aliases.a: { slug: b, routes: [{ upstraem: deepseek }] }\n");

        assertThat(check().errors())
                .containsExactly(place("application.yaml", 1)
                        + "gateway.catalog.aliases.a.routes[0].upstraem is read by nothing: take it out");
        assertThat(check().warnings())
                .containsExactly(place("application.yaml", 1)
                        + "gateway.catalog.aliases.a.routes[0].upstraem is read by nothing: write upstream");
    }

    @Test
    void findsRulesThatNeverApply() throws Exception {
        writes("tenants.yaml", "tenants:\n  - { id: search, models: [deepseek-*], keys: [" + KEY + "] }\n");
        writes("application.yaml", """
                gateway.catalog:
                  default-slug: deepseek-v4
                  unknown-models: reject
                  upstreams:
                    idle: { base-url: "http://127.0.0.1:1", api-key: sk-1 }
                    deepseek.concurrency.flash: 5
                  aliases:
                    "[*]": { slug: deepseek-flash, force.thinking: disabled, defaults.thinking: enabled }
                    "[cla*ude].slug": deepseek-flash
                    GPT: { slug: deepseek-flash, routes: [{ slug: deepseek-v4-pro }] }
                  peaks.night: { factor: 2, zone: UTC, days: monday, hours: "01:00-02:00" }
                resilience4j.circuitbreaker:
                  configs.slow.minimum-number-of-calls: 5
                  instances:
                    deepseek.base-config: default
                    "[deepseek/deepseek-flash].base-config": default
                    "[search/deepseek/deepseek-flash].base-config": tenant
                    "[mail/deepseek/deepseek-flash].base-config": tenant
                gateway.watch.operators.groups: [platform]
                """);
        String yaml = "application.yaml";

        assertThat(check().errors()).isEmpty();
        assertThat(check().warnings())
                .anyMatch(warning -> warning.startsWith(
                        place(yaml, 2) + "gateway.catalog.default-slug: 'deepseek-v4' has" + " no price now"))
                .contains(
                        place(yaml, 11)
                                + "gateway.catalog.peaks.night is the 'peak' of no price, so that it changes none",
                        place(yaml, 5) + "gateway.catalog.upstreams.idle is used by no alias, so that no call goes"
                                + " there",
                        place(yaml, 6) + "gateway.catalog.upstreams.deepseek.concurrency.flash limits a slug that no"
                                + " alias stands for there",
                        place(yaml, 8)
                                + "gateway.catalog.aliases.*.defaults.thinking never counts, since force.thinking"
                                + " does: take one of them out",
                        place(yaml, 9)
                                + "gateway.catalog.aliases.cla*ude has a * that is a letter like others: it stands"
                                + " for any ending only at the end",
                        place(yaml, 10)
                                + "gateway.catalog.aliases.GPT.slug never counts, since each of its routes has one of its"
                                + " own",
                        place(yaml, 3)
                                + "gateway.catalog.unknown-models rejects nothing, since the alias '*' stands for"
                                + " every model: take one of them out",
                        place(yaml, 13)
                                + "resilience4j.circuitbreaker.configs.slow is the base-config of no instance: 'default'"
                                + " is for upstreams' slugs, 'tenant' for each tenant's calls to them",
                        place(yaml, 9)
                                + "gateway.catalog.aliases.cla*ude is an alias that no tenant may call: list it in"
                                + " the 'models' of one",
                        place(yaml, 10)
                                + "gateway.catalog.aliases.GPT is an alias that no tenant may call: list it in the"
                                + " 'models' of one")
                .contains(place(yaml, 19)
                        + "gateway.watch.operators never counts, since there is no OpenID provider in"
                        + " spring.security.oauth2.client")
                .anyMatch(warning -> warning.startsWith("'deepseek-v4' is the placeholder of sample code"))
                .anyMatch(warning -> warning.startsWith(
                        place(yaml, 15) + "resilience4j.circuitbreaker.instances.deepseek is no breaker's name"))
                .anyMatch(warning -> warning.startsWith(place(yaml, 18)
                        + "resilience4j.circuitbreaker.instances.mail/deepseek/deepseek-flash is no breaker's name"))
                .noneMatch(warning -> warning.contains("instances.search"));
    }

    @Test
    void findsLimitsThatNeverApply() throws Exception {
        writes("tenants.yaml", """
                tenants:
                  - id: search
                    keys: [KEY]
                    models: [deepseek-flash, deepseek-*, claude-opus-5, "claude-*", gpt-5, "o*"]
                    limits: { tokens-per-minute: 2000 }
                    budget: { usd-per-day: 5, usd-per-month: 4, tokens-per-day: 1000 }
                """.replace("KEY", KEY));
        String tenant = place("tenants.yaml", 2) + "tenant 'search' ";

        assertThat(check().errors()).isEmpty();
        assertThat(check().warnings())
                .containsExactly(
                        tenant + "has 2000 tokens-per-minute, fewer than the 2048 that"
                                + " gateway.admission.completion-claim takes for a call: each may wait for all of them",
                        tenant + "has 2000 tokens-per-minute, which its 1000 tokens-per-day never reach",
                        tenant + "has a usd-per-day that its usd-per-month never reaches",
                        tenant + "may call 'gpt-5', which no alias in gateway.catalog stands for",
                        tenant + "may call 'o*', which no alias in gateway.catalog stands for");
    }

    @ParameterizedTest
    @CsvSource({
        "limits, requests-per-minute",
        "limits, tokens-per-minute",
        "limits, concurrent-requests",
        "budget, usd-per-day",
        "budget, usd-per-month",
        "budget, tokens-per-day"
    })
    void refusesLimitsThatAreNone(String kind, String name) throws Exception {
        for (String none : new String[] {"0", "-1"}) {
            writes(
                    "tenants.yaml",
                    "tenants:\n  - { id: search, keys: [%s], %s: { %s: %s } }\n".formatted(KEY, kind, name, none));

            assertThat(check().errors())
                    .singleElement()
                    .asString()
                    .startsWith(place("tenants.yaml", 2) + name + " is " + none + ": write ");
        }
    }

    /** One start and one check for each kind of thing that can be wrong; the records' own tests have the rest. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        gateway.access.tenants-file               | /nowhere/tenants.yaml | /nowhere/tenants.yaml: there is no such file
        gateway.access.local.tenant               | Local                 | gateway.access.local: tenant id 'Local'
        gateway.api.request-timeout               | soon                  | 'soon' is not a valid duration
        gateway.catalog.unknown-models            | maybe                 | maybe
        gateway.catalog.unlisted-slugs            | refuse                | 'deepseek-flash'
        gateway.catalog.upstreams.deepseek.api-key | ""                   | There is no key for the upstream 'deepseek'
        gateway.catalog.upstreams.deepseek.api-keys-file | /nowhere/keys  | /nowhere/keys cannot be read
        gateway.catalog.prices.deepseek-flash[0].peak | noon              | from: write when the price begins
        gateway.usage.directory                   | /dev/null/data        | gateway.usage.directory
        gateway.watch.users.anna                  | secret                | gateway.watch.users.anna is no hash
        resilience4j.circuitbreaker.configs.tenant.failure-rate-threshold | 500 | failure
        server.shutdown                           | soon                  | soon
        spring.datasource.url                     | jdbc:mysql://db/x?password=sk-secret-0123456789 | spring.datasource.url is no URL of
        spring.datasource.url                     | jdbc:postgresql://db:port/x | spring.datasource.url is no URL of
        spring.ssl.bundle.pem.web.keystore.certificate | /nowhere.pem     | keystore.certificate is '/nowhere.pem', which is no file
        server.netty.idle-timeout                 | soon                  | 'soon' is not a valid duration
        management.endpoint.health.access         | red                   | management.endpoint.health.access: 'red' is none of
        """)
    void findsWhatAStartRefuses(String property, String value, String said, CapturedOutput output) throws Exception {
        try (ModelsUpstream upstream = new ModelsUpstream().lists("other")) {
            System.setProperty(
                    "gateway.catalog.upstreams.deepseek.base-url",
                    upstream.baseUrl().toString());
            System.setProperty(property, value);
            Throwable failure = catchThrowable(() -> SpringApplication.run(
                            DeepgateApplication.class, "--server.port=0", "--management.server.port=0")
                    .close());

            assertThat(failure).as("the start").isNotNull();
            assertThat(output.getErr()).contains("Deepgate does not start.", said);
            assertThat(check().errors())
                    .as("the check")
                    .anyMatch(error -> error.contains(said))
                    .noneMatch(error -> error.contains(SECRET));
        }
    }

    @Test
    void findsWhatIsNowhereAndSaysWhatToWriteInstead() throws Exception {
        writes("application.yaml", """
                server.port: 18080
                server.address: 192.0.2.1
                management.server.port: 18080
                server.ssl.certificate: /nowhere.pem
                management.server.ssl.bundle: web
                gateway.admission.store: redis
                spring.data.redis.url: "http://:sk-secret-0123456789@redis"
                spring.data.redis.cluster.nodes: [redis-1]
                spring.datasource.url: "jdbc:h2:file:data/ledger"
                management.tracing.sampling.probability: 5
                management.opentelemetry.tracing.export.otlp.endpoint: collector:4318
                spring.security.oauth2.client:
                  registration.sso.client-id: console
                  registration.sso.provider: other
                  provider.sso.issuer-uri: sso.example.com
                resilience4j.circuitbreaker.instances:
                  "[deepseek/deepseek-flash].base-config": slow
                """);
        String yaml = "application.yaml";

        assertThat(check().errors())
                .containsExactly(
                        place(yaml, 2) + "server.address is 192.0.2.1, which this machine does not have: write one that"
                                + " it has, or leave it out",
                        place(yaml, 3) + "management.server.port is 18080, and so is server.port, where there are"
                                + " neither probes nor metrics nor the console: write another",
                        place(yaml, 4) + "server.ssl.certificate is '/nowhere.pem', which is no file that this process"
                                + " can read: write the path of one",
                        place(yaml, 5)
                                + "management.server.ssl.bundle is 'web', which is none of spring.ssl.bundle: []",
                        place(yaml, 7) + "spring.data.redis.url is no URL of Redis: write one such as"
                                + " redis://redis.example:6379",
                        place(yaml, 8) + "spring.data.redis.cluster.nodes has 'redis-1': write each as host:port",
                        place(yaml, 11) + "management.opentelemetry.tracing.export.otlp.endpoint is 'collector:4318':"
                                + " write one such as http://collector:4318/v1/traces",
                        place(yaml, 13) + "spring.security.oauth2.client.registration.sso has the provider 'other',"
                                + " which is none of spring.security.oauth2.client.provider: [sso]",
                        place(yaml, 15) + "spring.security.oauth2.client.provider.sso.issuer-uri is 'sso.example.com':"
                                + " write one such as https://sso.example.com",
                        place(yaml, 9) + "spring.datasource.url names a file: write it from the root, or with ./ before"
                                + " it",
                        place(yaml, 10) + "management.tracing.sampling.probability is 5.0: write 0 to 1",
                        place(yaml, 17) + "resilience4j.circuitbreaker.instances.deepseek/deepseek-flash.base-config is"
                                + " 'slow', which is none of resilience4j.circuitbreaker.configs: write one of"
                                + " [default, tenant]");
    }

    @Test
    void namesSizesOfNettyThatItWouldRefuse() throws Exception {
        writes("application.yaml", """
                server.netty:
                  max-initial-line-length: 0B
                  initial-buffer-size: -1B
                  max-keep-alive-requests: 0
                """);

        assertThat(check().errors())
                .containsExactly(
                        place("application.yaml", 3) + "server.netty.initial-buffer-size is -1B: write 1B or more",
                        place("application.yaml", 2) + "server.netty.max-initial-line-length is 0B: write 1B or more",
                        place("application.yaml", 4)
                                + "server.netty.max-keep-alive-requests is 0: write 1 or more, or -1 for any number");
    }

    /** They are read by name and not bound, which nests what libraries say the other way round. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "management.endpoint.health.access",
                "management.endpoints.access.default",
                "management.endpoints.access.max-permitted"
            })
    void namesAccessToEndpointsThatIsNone(String property) throws Exception {
        writes("application.yaml", "server.port: 8080\n" + property + ": red\n");

        assertThat(check().errors())
                .containsExactly(
                        place("application.yaml", 2) + property + ": 'red' is none of none, read-only, unrestricted");
    }

    @Test
    void saysInARefusedStartWhereTheMistakeIs(CapturedOutput output) throws Exception {
        writes("application.yaml", "server.port: 18080\nmanagement.server.port: 18080\n");

        assertThat(catchThrowable(() -> SpringApplication.run(DeepgateApplication.class)))
                .isNotNull();

        assertThat(output.getErr())
                .contains("Deepgate does not start. " + place("application.yaml", 2)
                        + "management.server.port is 18080, and so is server.port")
                .doesNotContain("\tat ");
    }

    @Test
    void findsCertificatesThatDoNotHold() throws Exception {
        Path store = folder.resolve("web.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String made = keytool + " -genkeypair -keyalg EC -alias web -dname CN=gateway -startdate -10d -validity 5"
                + " -storepass changeit -keystore " + store;
        assertThat(new ProcessBuilder(made.split(" ")).start().waitFor()).isZero();
        String yaml = "server.ssl:\n  key-store: %s\n  key-store-password: ".formatted(store);
        writes("application.yaml", yaml + "changeit\n");

        assertThat(check().errors()).isEmpty();
        assertThat(check().warnings())
                .singleElement()
                .asString()
                .startsWith(
                        place("application.yaml", 2) + "server.ssl has a certificate of CN=gateway that holds from ")
                .endsWith(", which callers refuse: write one that holds now");

        writes("application.yaml", yaml + "mistaken\n");
        assertThat(check().errors())
                .singleElement()
                .asString()
                .startsWith(place("application.yaml", 2) + "server.ssl cannot be used for TLS: ")
                .endsWith("Write a certificate and its private key, or a key store and its password")
                .doesNotContain("mistaken");
    }

    /** So that nothing escapes the check because only a server has it. */
    @Test
    void bindsAllThatAStartBinds() {
        List<Class<?>> started;
        try (var gateway =
                SpringApplication.run(DeepgateApplication.class, "--server.port=0", "--management.server.port=0")) {
            started = types(gateway);
        }
        List<Class<?>> checked = new ArrayList<>(ConfigCheck.ONLY_OF_SERVERS);
        try (var context = new SpringApplicationBuilder(DeepgateApplication.class)
                .web(WebApplicationType.NONE)
                .lazyInitialization(true)
                .run()) {
            checked.addAll(types(context));
        }

        assertThat(checked).containsAll(started);
    }

    private static List<Class<?>> types(ApplicationContext context) {
        return Stream.of(context.getBeanNamesForAnnotation(ConfigurationProperties.class))
                .<Class<?>>map(context::getType)
                .toList();
    }

    private void writes(String name, String yaml) throws IOException {
        Files.writeString(folder.resolve(name), yaml);
    }

    private String place(String file, int line) {
        return folder.resolve(file) + ":" + line + ": ";
    }

    private static ConfigCheck.Result check() {
        return ConfigCheck.of(DeepgateApplication.class);
    }
}

package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.LogLines;
import io.deepgate.RawClient;
import io.deepgate.RawUpstream;
import io.deepgate.access.AccessProperties;
import io.deepgate.access.ApiKey;
import io.deepgate.access.TenantsEdit;
import io.deepgate.access.TenantsFile;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changes in the files of a running gateway: taken over whole, or not at all. */
class ReloadTests {

    private static final Duration TWO_SECONDS = Duration.ofSeconds(2);
    private static final String CHUNK =
            "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n";

    @TempDir
    private static Path folder;

    private static RawUpstream upstream;
    private static RawUpstream other;
    private static Gateway gateway;
    private static Gateway replica;
    private final LogLines log = LogLines.of(CatalogReload.class);

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start().answers(answer("first"));
        other = RawUpstream.start().answers(answer("other"));
        gateway = Gateway.inFrontOf(
                upstream.baseUrl(),
                "spring.config.location=classpath:/application.yaml,optional:file:" + folder + "/",
                "gateway.catalog.unknown-models=reject",
                "gateway.catalog.reload=100ms");
        replica = Gateway.inFrontOf(
                upstream.baseUrl(),
                "gateway.access.tenants-file="
                        + gateway.bean(AccessProperties.class).tenantsFile());
    }

    @AfterAll
    static void stop() {
        replica.close();
        gateway.close();
        upstream.close();
        other.close();
    }

    @BeforeEach
    @AfterEach
    void nothingIsConfigured() throws IOException {
        Files.deleteIfExists(folder.resolve("application.yaml"));
        within(() -> status("new") == 404 && gateway.bean(CatalogReload.class).refusal() == null);
        log.events().clear();
    }

    @AfterEach
    void closes() {
        log.close();
    }

    @Test
    void servesAnAliasThatIsNew() throws Exception {
        writes("gateway.catalog.aliases.new.slug: deepseek-flash\n");

        within(() -> status("new") == 200);
        assertThat(log.texts()).contains("INFO Read the catalog again: 7 aliases");
        assertThat(count("adopted")).isPositive();
    }

    @Test
    void keepsTheCatalogThatWasRight() throws Exception {
        double before = count("kept");
        writes(
                "gateway.catalog:\n  default-slug: deepseek-v4-pro\n  aliases:\n    new: { slug: deepseek-flash, upstream: nowhere }\n");

        String refusal = folder.toRealPath().resolve("application.yaml")
                + ":4: gateway.catalog.aliases.new.upstream is 'nowhere', which is none of gateway.catalog.upstreams:"
                + " [deepseek]";
        within(() -> gateway.bean(CatalogReload.class).refusal() != null);
        gateway.bean(CatalogReload.class).readAgain();

        assertThat(gateway.bean(CatalogReload.class).refusal()).isEqualTo(refusal);
        assertThat(new String(gateway.bean(LiveView.class).json(), StandardCharsets.UTF_8))
                .as("the console")
                .contains("The catalog stays as it was: " + refusal);
        assertThat(status("new")).isEqualTo(404);
        assertThat(status("deepseek-flash")).isEqualTo(200);
        assertThat(log.texts()).containsOnlyOnce("ERROR Kept the catalog as it was: " + refusal);
        assertThat(count("kept")).isEqualTo(before + 1);
    }

    @Test
    void namesTheLineOfWhatIsNoYaml() throws Exception {
        writes("gateway:\n  catalog: [\n");

        within(() -> gateway.bean(CatalogReload.class).refusal() != null);
        assertThat(gateway.bean(CatalogReload.class).refusal())
                .contains("application.yaml:3: is no YAML: ")
                .doesNotContain("\n");
    }

    @Test
    void changesAConcurrencyThatIsInUse() throws Exception {
        for (int limit : new int[] {7, 3, 11}) {
            writes("gateway.catalog.upstreams.deepseek.concurrency.deepseek-flash: " + limit + "\n");

            within(() -> status("deepseek-flash") == 200
                    && gateway.meters()
                                    .get("gateway.forward.concurrency.limit")
                                    .tags("upstream", "deepseek", "model", "deepseek-flash")
                                    .gauge()
                                    .value()
                            == limit);
        }
    }

    @Test
    void followsTheSymbolicLinksThatKubernetesSwaps() throws Exception {
        mount("first", "gateway.catalog.aliases.old.slug: deepseek-flash\n");
        Files.createSymbolicLink(folder.resolve("application.yaml"), Path.of("..data/application.yaml"));
        within(() -> status("old") == 200);

        mount("second", "gateway.catalog.aliases.new.slug: deepseek-flash\n");

        within(() -> status("new") == 200);
        assertThat(status("old")).isEqualTo(404);
    }

    @Test
    void noticesAChangeThatLeavesSizeAndTime() throws Exception {
        writes("gateway.catalog.aliases.new.slug: deepseek-flash\n");
        Path file = folder.resolve("application.yaml");
        within(() -> status("new") == 200);
        FileTime time = Files.getLastModifiedTime(file);

        Files.writeString(file, "gateway.catalog.aliases.neu.slug: deepseek-flash\n");
        Files.setLastModifiedTime(file, time);

        within(() -> status("neu") == 200);
        assertThat(status("new")).isEqualTo(404);
    }

    @Test
    void readsNothingAgainThatHasNotChanged() throws Exception {
        writes("gateway.catalog.aliases.new.slug: deepseek-flash\n");
        within(() -> status("new") == 200);

        assertThat(gateway.bean(CatalogReload.class).readAgain()).isFalse();
    }

    @Test
    void sendsCallsToAnotherUpstreamWhileTheOldOnesEnd() throws Exception {
        CountDownLatch moved = new CountDownLatch(1);
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(CHUNK);
            moved.await();
            connection.chunk("data: [DONE]\n\n");
            connection.lastChunk();
        });
        writes("gateway.catalog.aliases.new.slug: deepseek-flash\n");
        within(() -> gateway.meters()
                                .get("gateway.catalog.reload")
                                .tag("result", "adopted")
                                .counter()
                                .count()
                        > 0
                && Files.exists(folder.resolve("application.yaml")));
        try (RawClient client = new RawClient(gateway)) {
            client.chat(Gateway.SEARCH, "{\"model\":\"deepseek-flash\",\"stream\":true}");
            client.readUntil("Hi");
            writes("gateway.catalog:\n  upstreams.second: { base-url: \"" + other.baseUrl()
                    + "\", api-key: sk-2 }\n  aliases.new: { slug: deepseek-flash, upstream: second }\n");
            within(() -> gateway.chat("{\"model\":\"new\"}").body().contains("other"));
            moved.countDown();

            assertThat(client.readUntil("[DONE]")).contains("[DONE]");
        } finally {
            upstream.answers(answer("first"));
        }
    }

    @Test
    void movesConversationsToACandidateAndBack() throws Exception {
        String alias = "gateway.catalog:\n  upstreams.second: { base-url: \"" + other.baseUrl()
                + "\", api-key: sk-2 }\n  aliases.new: { slug: deepseek-flash, candidate: { upstream: second, share: %d } }\n";
        for (int share : new int[] {0, 100, 0}) {
            writes(alias.formatted(share));
            String model = share == 0 ? "first" : "other";
            within(() -> gateway.chat("{\"model\":\"new\"}").body().contains(model));
        }
    }

    @Test
    void refusesARemovedKeyWhileItsStreamEnds() throws Exception {
        CountDownLatch revoked = new CountDownLatch(1);
        streamsUntil(revoked);
        Path tenants = gateway.bean(AccessProperties.class).tenantsFile();
        String before = Files.readString(tenants);
        try (RawClient client = new RawClient(gateway)) {
            client.chat(Gateway.MAIL, "{\"model\":\"deepseek-flash\",\"stream\":true}");
            client.readUntil("Hi");

            replaces(tenants, "tenants: []");
            within(() -> models(gateway) == 401 && models(replica) == 401);
            revoked.countDown();

            assertThat(client.readUntil("[DONE]")).contains("[DONE]");
            assertThat(recordOf("mail").outcome()).isEqualTo(Outcome.COMPLETED);
        } finally {
            upstream.answers(answer("first"));
            replaces(tenants, before);
            within(() -> models(gateway) == 200 && models(replica) == 200);
        }
    }

    @Test
    void refusesAKeyThatHasExpiredOnEveryReplicaWhileItsStreamEnds() throws Exception {
        CountDownLatch expired = new CountDownLatch(1);
        streamsUntil(expired);
        Path tenants = gateway.bean(AccessProperties.class).tenantsFile();
        String before = Files.readString(tenants);
        try (RawClient client = new RawClient(replica)) {
            client.chat(Gateway.MAIL, "{\"model\":\"deepseek-flash\",\"stream\":true}");
            client.readUntil("Hi");

            new TenantsEdit(tenants)
                    .rotate(
                            Gateway.MAIL.id(),
                            Instant.now(),
                            ApiKey.generate(),
                            Instant.now(),
                            Instant.now().plus(Duration.ofDays(1)));
            within(() -> models(gateway) == 401 && models(replica) == 401);
            expired.countDown();

            assertThat(client.readUntil("[DONE]")).contains("[DONE]");
            assertThat(replica.record().outcome()).isEqualTo(Outcome.COMPLETED);
        } finally {
            upstream.answers(answer("first"));
            replaces(tenants, before);
            within(() -> models(gateway) == 200 && models(replica) == 200);
        }
    }

    private static void streamsUntil(CountDownLatch over) {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(CHUNK);
            over.await();
            connection.chunk("data: [DONE]\n\n");
            connection.lastChunk();
        });
    }

    @Test
    void countsWhatBecameOfTheTenantsFile() throws Exception {
        Path tenants = gateway.bean(AccessProperties.class).tenantsFile();
        String before = Files.readString(tenants);
        double kept = gateway.meters()
                .get("gateway.access.reload")
                .tag("result", "kept")
                .counter()
                .count();

        try {
            replaces(tenants, "tenants: [{ id: Bad }]");
            within(() -> gateway.bean(TenantsFile.class).refusal() != null);
            assertThat(gateway.bean(TenantsFile.class).refusal()).contains(":1: tenant id 'Bad'");
            assertThat(gateway.meters()
                            .get("gateway.access.reload")
                            .tag("result", "kept")
                            .counter()
                            .count())
                    .isEqualTo(kept + 1);
        } finally {
            replaces(tenants, before);
            within(() -> gateway.bean(TenantsFile.class).refusal() == null);
        }
    }

    private static CallRecord recordOf(String tenant) {
        CallRecord call = gateway.record();
        while (!call.tenant().equals(tenant)) {
            call = gateway.record();
        }
        return call;
    }

    private static void within(Callable<Boolean> condition) {
        AtRest.every(Duration.ofMillis(20), TWO_SECONDS, condition);
    }

    private static void writes(String yaml) throws IOException {
        replaces(folder.resolve("application.yaml"), yaml);
    }

    /** In one step: what looks meanwhile would find half of it, or nothing. */
    private static void replaces(Path file, String text) throws IOException {
        Path draft = Files.writeString(file.resolveSibling(file.getFileName() + ".draft"), text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** As Kubernetes updates a volume: a new folder, and a link to it that is replaced in one step. */
    private static void mount(String version, String yaml) throws IOException {
        Path data = Files.createDirectory(folder.resolve(".." + version));
        Files.writeString(data.resolve("application.yaml"), yaml);
        Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), data.getFileName());
        Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static int status(String model) {
        return gateway.chat("{\"model\":\"" + model + "\"}").statusCode();
    }

    private static int models(Gateway asked) {
        HttpResponse<String> answer =
                asked.send(asked.request("/models", Gateway.MAIL).build());
        return answer.statusCode();
    }

    private static double count(String result) {
        return gateway.meters()
                .get("gateway.catalog.reload")
                .tag("result", result)
                .counter()
                .count();
    }

    private static String answer(String model) {
        String body = "{\"model\":\"" + model
                + "\",\"choices\":[{\"message\":{\"content\":\"Hi\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}";
        return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: "
                + body.length() + "\r\n\r\n" + body;
    }
}

package io.deepgate.access;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.deepgate.LogLines;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantsFileTests {

    private static final Duration NEVER = Duration.ofDays(1);

    private final LogLines log = LogLines.of(TenantsFile.class);
    private final List<TenantsFile> open = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path path;

    @BeforeEach
    void writes() throws Exception {
        path = folder.resolve("tenants.yaml");
        Files.writeString(path, "tenants: [{ id: search }]");
    }

    @AfterEach
    void closes() {
        open.forEach(TenantsFile::close);
        log.close();
    }

    @Test
    void takesOverWhatHasChanged() throws Exception {
        TenantsFile file = file(NEVER);
        Files.writeString(path, "tenants: [{ id: search }, { id: mail }]");

        file.readAgain();

        assertThat(ids(file)).containsExactly("search", "mail");
        assertThat(log.texts()).contains("INFO Read " + path + " again: 2 tenants");
    }

    @Test
    void keepsTheSameTenantsWhileNothingChanges() {
        TenantsFile file = file(NEVER);
        Tenants before = file.current();

        file.readAgain();

        assertThat(file.current()).isSameAs(before);
    }

    @Test
    void keepsTheTenantsWhenTheNewContentIsWrong() throws Exception {
        TenantsFile file = file(NEVER);
        Tenants before = file.current();
        for (String wrong : List.of("tenants: [{ id: Bad }]", "tenants:\n  -\n", "", "\t")) {
            Files.writeString(path, wrong);

            file.readAgain();

            assertThat(file.current()).isSameAs(before);
            assertThat(log.texts().getLast()).startsWith("ERROR Kept the tenants as they were: " + path + ":");
        }
    }

    @Test
    void saysOnceThatTheContentIsWrong() throws Exception {
        TenantsFile file = file(NEVER);
        Files.writeString(path, "tenants: [{ id: Bad }]");

        file.readAgain();
        file.readAgain();

        assertThat(log.texts()).filteredOn(text -> text.startsWith("ERROR")).hasSize(1);
    }

    @Test
    void takesOverTheContentThatIsRightAgain() throws Exception {
        TenantsFile file = file(NEVER);
        Files.writeString(path, "nonsense");
        file.readAgain();
        Files.writeString(path, "tenants: [{ id: mail }]");

        file.readAgain();

        assertThat(ids(file)).containsExactly("mail");
    }

    @Test
    void keepsTheTenantsWhenTheFileVanishes() throws Exception {
        TenantsFile file = file(NEVER);
        Files.delete(path);

        file.readAgain();

        assertThat(ids(file)).containsExactly("search");
        assertThat(log.texts().getLast()).startsWith("ERROR Kept the tenants as they were: " + path);
    }

    @Test
    void followsTheSymbolicLinksThatKubernetesSwaps() throws Exception {
        mount("first", "tenants: [{ id: search }]");
        path = folder.resolve("mounted.yaml");
        Files.createSymbolicLink(path, Path.of("..data/tenants.yaml"));
        TenantsFile file = file(NEVER);
        assertThat(ids(file)).containsExactly("search");

        mount("second", "tenants: [{ id: mail }]");
        file.readAgain();

        assertThat(ids(file)).containsExactly("mail");
    }

    @Test
    void looksByItself() throws Exception {
        TenantsFile file = file(Duration.ofMillis(5));
        Files.writeString(path, "nonsense");
        await().atMost(10, SECONDS).until(() -> log.texts().stream().anyMatch(text -> text.startsWith("ERROR Kept")));
        Files.writeString(path, "tenants: [{ id: mail }]");

        await().atMost(10, SECONDS).until(() -> ids(file).equals(List.of("mail")));
    }

    @Test
    void refusesToStartWithoutAFile() {
        path = folder.resolve("missing.yaml");

        assertThatExceptionOfType(InvalidTenantsException.class)
                .isThrownBy(() -> file(NEVER))
                .withMessageStartingWith(path + ": there is no such file.")
                .withMessageContaining("keys create --tenant <id>")
                .withMessageContaining("gateway.access.tenants-file");
    }

    @Test
    void refusesToStartWithAFileItCannotRead() throws Exception {
        Files.write(path, "tenants: [] # Müller".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> file(NEVER))
                .isInstanceOf(InvalidTenantsException.class)
                .hasMessageContaining("UTF-8");

        path = folder;
        assertThatThrownBy(() -> file(NEVER))
                .isInstanceOf(InvalidTenantsException.class)
                .hasMessageStartingWith(folder + ": cannot be read")
                .hasMessageContaining("gateway.access.tenants-file");
    }

    @Test
    void refusesToStartWithAFileThatIsWrong() throws Exception {
        Files.writeString(path, "tenants:\n  - id: Bad\n");

        assertThatThrownBy(() -> file(NEVER))
                .isInstanceOf(InvalidTenantsException.class)
                .hasMessageStartingWith(path + ":2: tenant id 'Bad'");
    }

    @Test
    void addsTheLocalTenant() {
        LocalTenant local = local("sandbox", "dg-sandbox-onlyforlocaldevelopment");
        TenantsFile file = file(local);

        assertThat(ids(file)).containsExactly("search", "sandbox");
        assertThat(file.current().callerOf(local.key(), Instant.now()).tenant().id())
                .isEqualTo("sandbox");
    }

    @Test
    void needsNoFileBesideTheLocalTenant() {
        path = folder.resolve("missing.yaml");

        assertThat(ids(file(local("sandbox", null)))).containsExactly("sandbox");
    }

    @Test
    void refusesALocalTenantThatIsAlsoInTheFile() {
        assertThatThrownBy(() -> file(local("search", null)))
                .isInstanceOf(InvalidTenantsException.class)
                .hasMessage(path + ":1: tenant 'search' is also gateway.access.local's: rename one");
    }

    @Test
    void refusesALocalTenantThatTheFileCouldNotHave() {
        assertThatThrownBy(() -> local("Bad", null))
                .isInstanceOf(InvalidTenantsException.class)
                .hasMessageStartingWith("gateway.access.local: tenant id 'Bad': write");
        assertThatThrownBy(() -> local("good", "sk-123"))
                .isInstanceOf(InvalidTenantsException.class)
                .hasMessage("gateway.access.local.key: write it as dg-<id>-<secret>, or leave it out");
        assertThatThrownBy(() -> local("good", "dg-a_b-secret"))
                .isInstanceOf(InvalidTenantsException.class)
                .hasMessageStartingWith("gateway.access.local: key id 'a_b': write");
    }

    /** As Kubernetes updates a volume: a new folder, and a link to it that is replaced in one step. */
    private void mount(String version, String yaml) throws Exception {
        Path data = Files.createDirectory(folder.resolve(".." + version));
        Files.writeString(data.resolve("tenants.yaml"), yaml);
        Path link = Files.createSymbolicLink(folder.resolve("..data_tmp"), data.getFileName());
        Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static LocalTenant local(String tenant, String key) {
        return new LocalTenant(new AccessProperties.Local(tenant, key));
    }

    private TenantsFile file(LocalTenant local) {
        return opened(new TenantsFile(path, NEVER, local, new SimpleMeterRegistry()));
    }

    private TenantsFile file(Duration every) {
        return opened(new TenantsFile(path, every, null, new SimpleMeterRegistry()));
    }

    private TenantsFile opened(TenantsFile file) {
        open.add(file);
        return file;
    }

    private static List<String> ids(TenantsFile file) {
        return file.current().all().stream().map(Tenant::id).toList();
    }
}

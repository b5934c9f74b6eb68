package io.deepgate.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.DeepgateApplication;
import io.deepgate.watch.Commands;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class PairStoreTests {

    private static final String PAIR = "{\"request\":\"a secret that only reviewers see\"}";

    @TempDir
    private Path directory;

    private Instant now = Instant.parse("2026-11-25T08:00:00Z");

    @Test
    void keepsWhatOnlyTheKeyOpens() throws IOException {
        store(1).keep(PAIR);

        assertThat(read(store(1))).containsExactly(PAIR);
        assertThat(Files.readString(files().getFirst(), StandardCharsets.ISO_8859_1))
                .doesNotContain("secret", "request");
        List<String> others = new ArrayList<>();
        assertThat(store(2).read(others::add)).isEqualTo(1);
        assertThat(others).isEmpty();
    }

    @Test
    void sealsEqualPairsDifferently() throws IOException {
        store(1).keep(PAIR);
        store(1).keep(PAIR);

        assertThat(Files.readAllBytes(files().getFirst())).isNotEqualTo(Files.readAllBytes(files().getLast()));
    }

    @Test
    void readsNothingThatWasChanged() throws IOException {
        store(1).keep(PAIR);
        Path file = files().getFirst();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        assertThat(store(1).read(pair -> {})).isEqualTo(1);
    }

    @Test
    void letsNobodyMakeAPairLastLonger() throws IOException {
        store(1).keep(PAIR);
        Path file = files().getFirst();
        Files.move(file, file.resolveSibling("9" + file.getFileName()));

        assertThat(store(1).read(pair -> {})).isEqualTo(1);
    }

    @Test
    void forgetsWhatHasExpired() throws IOException {
        store(1).keep(PAIR);
        now = now.plus(Duration.ofDays(6));
        store(1).keep(PAIR);
        now = now.plus(Duration.ofDays(1));

        assertThat(read(store(1))).as("before it is deleted, too").hasSize(1);
        store(1).forget();
        assertThat(files()).hasSize(1);
    }

    @Test
    void bearsFilesThatAreNoneOfIts() throws IOException {
        Files.writeString(directory.resolve("1795600000000-0-0.pair"), "short");
        Files.writeString(directory.resolve("99999999999999999999-0.pair"), "of no time");

        store(1).forget();
        assertThat(store(1).read(pair -> {})).isEqualTo(1);
    }

    @Test
    void isPrintedByACommand(CapturedOutput output) {
        now = Instant.now();
        store(1).keep(PAIR);
        Properties before = (Properties) System.getProperties().clone();
        try {
            assertThat(pairs()).isEqualTo(1);
            System.setProperty("gateway.shadow.pairs.directory", directory.toString());
            System.setProperty("gateway.shadow.pairs.key", base64(1));
            assertThat(pairs()).isZero();
            System.setProperty("gateway.shadow.pairs.key", base64(2));
            assertThat(pairs()).isEqualTo(1);
        } finally {
            System.setProperties(before);
        }

        assertThat(output.getOut()).isEqualToNormalizingNewlines(PAIR + "\n");
        assertThat(output.getErr())
                .contains("gateway.shadow.pairs.key is not set")
                .contains("1 pairs were sealed with another key, or changed");
    }

    private static int pairs() {
        return Commands.run(DeepgateApplication.class, new String[] {"pairs"});
    }

    private static String base64(int key) {
        return Base64.getEncoder().encodeToString(bytes(key));
    }

    private static byte[] bytes(int key) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) key;
        return bytes;
    }

    private PairStore store(int key) {
        return new PairStore(directory, bytes(key), Duration.ofDays(7), () -> now);
    }

    private static List<String> read(PairStore store) {
        List<String> pairs = new ArrayList<>();
        assertThat(store.read(pairs::add)).isZero();
        return pairs;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }
}

package io.deepgate.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepgate.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamKeysTests {

    @TempDir
    Path folder;

    @Test
    void areThoseThatAreConfiguredInOrder() {
        assertThat(values(new UpstreamKeys("deepseek", List.of("sk-1\n", " ", "sk-2"), null)))
                .containsExactly("sk-1", "sk-2");
    }

    @Test
    void preferThoseOfTheFile() throws IOException {
        Path file = write("# the new one\nsk-9\n\n  sk-8 \n");

        assertThat(values(new UpstreamKeys("deepseek", List.of("sk-1"), file))).containsExactly("sk-9", "sk-8", "sk-1");
    }

    @Test
    void followTheFile() throws IOException {
        UpstreamKeys keys = new UpstreamKeys("deepseek", List.of(), write("sk-old1234"));
        try (LogLines log = LogLines.of(UpstreamKeys.class)) {
            write("sk-new1234\nsk-old1234");
            keys.readAgain();
            keys.readAgain();

            assertThat(values(keys)).containsExactly("sk-new1234", "sk-old1234");
            assertThat(log.texts()).containsExactly("INFO Read the keys of the upstream 'deepseek' again: 2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# none\n", "sk-a b1234", "sk-ä1234", "{\"key\": \"sk-1234\"}"})
    void stayAsTheyWereWhenTheFileIsWrong(String text) throws IOException {
        UpstreamKeys keys = new UpstreamKeys("deepseek", List.of(), write("sk-old1234"));
        try (LogLines log = LogLines.of(UpstreamKeys.class)) {
            Path file = write(text);
            keys.readAgain();

            assertThat(values(keys)).containsExactly("sk-old1234");
            assertThat(log.texts())
                    .containsExactly("ERROR Kept the keys of the upstream 'deepseek' as they were: There is no key for"
                            + " the upstream 'deepseek': " + file
                            + " does not hold one key a line, in printable ASCII without blanks.");
        }
    }

    @Test
    void stayAsTheyWereWhenTheFileIsGone() throws IOException {
        Path file = write("sk-old1234");
        UpstreamKeys keys = new UpstreamKeys("deepseek", List.of(), file);
        Files.delete(file);
        keys.readAgain();

        assertThat(values(keys)).containsExactly("sk-old1234");
    }

    @Test
    void mustBeThereAtFirst() {
        Path nowhere = folder.resolve("nowhere");

        assertThatExceptionOfType(MissingUpstreamKeyException.class)
                .isThrownBy(() -> new UpstreamKeys("deepseek", List.of("sk-1"), nowhere))
                .withMessage("There is no key for the upstream 'deepseek': " + nowhere + " cannot be read.");
    }

    @Test
    void showNothingOfThemselves() {
        assertThat(new UpstreamKeys("deepseek", List.of("sk-1234567"), null)).hasToString("UpstreamKeys[deepseek]");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("keys"), text);
    }

    private static List<String> values(UpstreamKeys keys) {
        return keys.current().stream().map(UpstreamKey::value).toList();
    }
}

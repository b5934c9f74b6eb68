package io.deepgate.watch.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsFileTests {

    private static final Result ONE = new Result("ä", "d1", "m", 200, "stop", 7, 1, 2, 3, 4L, List.of("x"), null);
    private static final Result TWO = new Result("b", "d2", "m", 400, null, 7, 0, 0, 0, null, List.of(), "{}");

    @TempDir
    private Path folder;

    @Test
    void remembersWhatWasThereHoweverTheProcessEnded() throws Exception {
        Path path = folder.resolve("results.jsonl");
        try (ResultsFile file = new ResultsFile(path)) {
            file.add(ONE);
            file.add(TWO);
        }
        byte[] whole = Files.readAllBytes(path);
        for (int length = 0; length <= whole.length; length++) {
            Files.write(path, Arrays.copyOf(whole, length));
            try (ResultsFile file = new ResultsFile(path)) {
                int lines = (int) new String(whole, 0, length, StandardCharsets.UTF_8)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
                assertThat(file.all())
                        .containsExactlyElementsOf(List.of(ONE, TWO).subList(0, lines));
                file.add(TWO);
            }
            assertThat(Files.readAllLines(path))
                    .last()
                    .isEqualTo(new String(whole, StandardCharsets.UTF_8)
                            .lines()
                            .toList()
                            .getLast());
        }
    }

    @Test
    void belongsToOneProcessAtATime() throws Exception {
        Path path = folder.resolve("results.jsonl");
        try (ResultsFile file = new ResultsFile(path)) {
            assertThatThrownBy(() -> new ResultsFile(path))
                    .isInstanceOf(IOException.class)
                    .hasMessage(path + " is being written by another replay");
            assertThat(file.all()).isEmpty();
        }
    }
}

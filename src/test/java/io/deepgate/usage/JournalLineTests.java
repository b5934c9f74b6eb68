package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JournalLineTests {

    @Test
    void keepsAllOfARecord() {
        for (CallRecord call : Records.many(200)) {
            assertThat(parse(JournalLine.of(call))).isEqualTo(call);
        }
        CallRecord rejected = Records.rejected(404, "model_not_found");
        assertThat(parse(JournalLine.of(rejected))).isEqualTo(rejected);
        assertThat(parse(JournalLine.of(Records.completed()))).isEqualTo(Records.completed());
    }

    @Test
    void isOneLineOfAscii() {
        String line = new String(JournalLine.of(Records.called("ärger\n\u0000\ud83d")), StandardCharsets.ISO_8859_1);

        assertThat(line).endsWith("\n").contains("\"?rger???\"");
        assertThat(line.chars().limit(line.length() - 1)).allMatch(c -> c >= ' ' && c <= '~');
    }

    @Test
    void keepsOfAResponseModelNoMoreThanANameNeeds() {
        assertThat(parse(JournalLine.of(Records.called("x".repeat(1_000_000)))).responseModel())
                .isEqualTo("x".repeat(128));
    }

    @Test
    void isNotReadIfAnyByteOfItIsDamaged() {
        byte[] line = JournalLine.of(Records.completed());
        for (int at = 0; at < line.length - 1; at++) {
            byte[] damaged = line.clone();
            damaged[at] ^= 1;
            // The blank after the checksum carries nothing.
            assertThat(parse(damaged)).as("byte %s", at).isEqualTo(at == 8 ? Records.completed() : null);
        }
    }

    @Test
    void isNotReadIfItIsTorn() {
        byte[] line = JournalLine.of(Records.completed());
        for (int length = 0; length < line.length - 1; length++) {
            assertThat(JournalLine.parse(line, 0, length)).isNull();
        }
    }

    private static CallRecord parse(byte[] line) {
        return JournalLine.parse(line, 0, line.length - 1);
    }
}

package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
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
    void isReadFromBeforeThereWereVariants() {
        String json = new String(JournalLine.of(Records.completed()), StandardCharsets.US_ASCII)
                .substring(9)
                .replaceFirst(",\"CANDIDATE\",true,\"LENGTH\",\\d+\\]", "]");
        CRC32C checksum = new CRC32C();
        checksum.update(json.getBytes(StandardCharsets.US_ASCII), 0, json.length() - 1);
        String line = "%08x %s".formatted(checksum.getValue(), json);

        CallRecord old = parse(line.getBytes(StandardCharsets.US_ASCII));
        assertThat(old.overhead()).isEqualTo(Records.completed().overhead());
        assertThat(old.variant()).isNull();
        assertThat(old.failedOver()).isFalse();
        assertThat(old.finish()).isNull();
        assertThat(old.parameters()).isZero();
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

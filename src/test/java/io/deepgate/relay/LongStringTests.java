package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongStringTests {

    private static final String USAGE = "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "Hello, ",
                "你好",
                "é",
                "\uD83D\uDE00",
                "\\n",
                "\\\\",
                "\\\"",
                "\\u4f60",
                "\\\\\\\"",
                "a\\\\",
                "x\\u0022",
                "\\\\n{\\\"usage\\\":{",
                " ",
            })
    void findsTheEndOfALongStringHoweverItIsCut(String repeated) {
        byte[] document = ("{\"choices\":[{\"message\":{\"content\":\"" + repeated.repeat(60_000)
                        + "\",\"tool_calls\":[]}}]," + USAGE)
                .getBytes(UTF_8);
        for (int seed = 0; seed < 20; seed++) {
            AnswerMeter meter = read(document, new Random(seed), seed % 2 == 0 ? 40 : 9000);

            assertThat(meter.garbled()).as("seed %d", seed).isFalse();
            assertThat(meter.insideDocument()).as("seed %d", seed).isFalse();
            assertThat(meter.usage(0)).as("seed %d", seed).isEqualTo(new TokenUsage(0, 10, 5, 0, false));
            assertThat(meter.pieces()).as("seed %d", seed).isOne();
        }
    }

    @Test
    void estimatesWhatItSkips() {
        byte[] document = ("{\"choices\":[{\"message\":{\"content\":\"" + "x".repeat(100_000) + "你".repeat(100_000)
                        + "\"}}]}")
                .getBytes(UTF_8);

        assertThat(read(document, new Random(1), 9000).usage(0).output()).isEqualTo(90_000);
        assertThat(read(document, new Random(1), document.length).usage(0).output())
                .isEqualTo(90_000);
    }

    @Test
    void takesNeitherBlanksNorNumbersForAString() {
        String blanks = " ".repeat(50_000);
        byte[] document = ("{" + blanks + "\"a\":" + blanks + "1234" + blanks + "," + blanks + "\"b\":[" + blanks + "]"
                        + blanks + "," + blanks + USAGE)
                .getBytes(UTF_8);
        for (int seed = 0; seed < 20; seed++) {
            AnswerMeter meter = read(document, new Random(seed), 100);

            assertThat(meter.garbled()).as("seed %d", seed).isFalse();
            assertThat(meter.usage(0)).isEqualTo(new TokenUsage(0, 10, 5, 0, false));
        }
    }

    /** In parts of at most {@code most} bytes. */
    private static AnswerMeter read(byte[] document, Random random, int most) {
        AnswerMeter meter = new AnswerMeter();
        for (int from = 0; from < document.length; ) {
            int to = Math.min(document.length, from + 1 + random.nextInt(most));
            meter.read(Unpooled.wrappedBuffer(Arrays.copyOfRange(document, from, to)), 0, to - from);
            from = to;
        }
        return meter;
    }
}

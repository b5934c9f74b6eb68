package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.forward.UpstreamUnavailableException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever pieces an answer comes in, and wherever it breaks off: the client gets whole events and nothing is lost. */
class RelayPropertyTests {

    private static final long PROMPT = 50;

    @ParameterizedTest
    @EnumSource(Recorded.class)
    void passesAnAnswerInOnePiece(Recorded recorded) {
        Relayed relayed = Relayed.of(recorded).send(recorded.bytes()).ends();

        isWhole(relayed, recorded, "in one piece");
    }

    @ParameterizedTest
    @EnumSource(Recorded.class)
    void passesAnAnswerCutAnywhere(Recorded recorded) {
        byte[] bytes = recorded.bytes();
        for (int cut = 0; cut <= bytes.length; cut++) {
            isWhole(Relayed.of(recorded).send(bytes, cut).ends(), recorded, "cut at " + cut);
        }
    }

    @ParameterizedTest
    @EnumSource(Recorded.class)
    void passesAnAnswerByteByByte(Recorded recorded) {
        isWhole(Relayed.of(recorded).sendByteByByte(recorded.bytes()).ends(), recorded, "byte by byte");
    }

    @ParameterizedTest
    @EnumSource(Recorded.class)
    void passesAnAnswerCutAtRandom(Recorded recorded) {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        byte[] bytes = recorded.bytes();
        for (int i = 0; i < 500; i++) {
            int[] cuts = random.ints(random.nextInt(40), 0, bytes.length + 1)
                    .sorted()
                    .toArray();
            isWhole(
                    Relayed.of(recorded).send(bytes, cuts).ends(),
                    recorded,
                    "seed %d, cut at %s".formatted(seed, Arrays.toString(cuts)));
        }
    }

    @ParameterizedTest
    @EnumSource(Recorded.class)
    void endsWellWhenTheConnectionBreaksBehindTheAnswer(Recorded recorded) {
        isWhole(Relayed.of(recorded).send(recorded.bytes()).breaks(), recorded, "broken off at its end");
    }

    @ParameterizedTest
    @EnumSource(names = "DOCUMENT", mode = EnumSource.Mode.EXCLUDE)
    void tellsOfAStreamThatBreaksOffAnywhere(Recorded recorded) {
        byte[] bytes = recorded.bytes();
        for (int at = 0; at < bytes.length; at++) {
            byte[] part = Arrays.copyOf(bytes, at);
            String as = "broken off at " + at;
            brokeOff(Relayed.stream().send(part).breaks(), part, as);
            if (!new String(part, ISO_8859_1).stripTrailing().endsWith("[DONE]")) {
                brokeOff(Relayed.stream().send(part).ends(), part, as + ", cleanly");
            }
            brokeOff(Relayed.stream().send(part, at / 2).breaks(), part, as + ", in two parts");
            if (at % 10 == 0) {
                brokeOff(Relayed.stream().sendByteByByte(part).breaks(), part, as + ", byte by byte");
            }
        }
    }

    @Test
    void tellsOfADocumentThatBreaksOffAnywhere() {
        byte[] bytes = Recorded.DOCUMENT.text.stripTrailing().getBytes(UTF_8);
        for (int at = 0; at < bytes.length; at++) {
            for (boolean cleanly : new boolean[] {true, false}) {
                byte[] part = Arrays.copyOf(bytes, at);
                Relayed relayed = Relayed.document().send(part, at / 2);
                Relayed ended = cleanly ? relayed.ends() : relayed.breaks();

                assertThat(ended.failure()).as("at %d", at).isInstanceOf(UpstreamUnavailableException.class);
                assertThat(ended.attempt.results()).as("at %d", at).containsExactly("failed");
                ended.assertNothingHeld("at " + at);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Recorded.class)
    void holdsNothingWhenTheClientLeavesAnywhere(Recorded recorded) {
        byte[] bytes = recorded.bytes();
        for (int at = 0; at <= bytes.length; at++) {
            byte[] part = Arrays.copyOf(bytes, at);
            Relayed relayed = Relayed.of(recorded).send(part, at / 2);

            relayed.cancel();

            assertThat(relayed.cancelledUpstream()).isTrue();
            relayed.assertNothingHeld("left at " + at);
            relayed.attempt.answer().close();
            assertThat(relayed.attempt.results())
                    .as("left at %d", at)
                    .containsExactly(relayed.meter.isWhole() ? "completed" : "cancelled");
        }
    }

    @Test
    void holdsNothingOfAStreamThatComesAfterTheClientHasLeft() {
        byte[] bytes = Recorded.DEEPSEEK.bytes();
        Relayed relayed = Relayed.stream().send(Arrays.copyOf(bytes, 500));
        String received = relayed.text();
        relayed.cancel();

        relayed.send(Arrays.copyOfRange(bytes, 500, bytes.length));

        assertThat(relayed.text()).isEqualTo(received);
        relayed.assertNothingHeld("late");
    }

    private static void isWhole(Relayed relayed, Recorded recorded, String as) {
        assertThat(relayed.text()).as(as).isEqualTo(recorded.text);
        assertThat(relayed.completed()).as(as).isTrue();
        assertThat(relayed.meter.usage(PROMPT)).as(as).isEqualTo(recorded.usage);
        assertThat(relayed.meter.pieces()).as(as).isEqualTo(recorded.pieces);
        assertThat(relayed.meter.model()).as(as).isEqualTo(recorded.model);
        assertThat(relayed.meter.firstContentAt()).as(as).isNotZero();
        assertThat(relayed.meter.error()).as(as).isFalse();
        assertThat(relayed.attempt.breakers()).as(as).isEqualTo("success");
        relayed.assertNothingHeld(as);
    }

    /** The whole events of {@code part}, then the last event; an error where there was no whole event. */
    private static void brokeOff(Relayed relayed, byte[] part, String as) {
        String whole = wholeEvents(new String(part, ISO_8859_1));
        String passed = new String(relayed.bytes(), ISO_8859_1);
        if (isDone(whole)) {
            assertThat(passed).as(as).isEqualTo(whole);
            assertThat(relayed.completed()).as(as).isTrue();
        } else if (whole.isEmpty()) {
            assertThat(passed).as(as).isEmpty();
            assertThat(relayed.failure()).as(as).isInstanceOf(UpstreamUnavailableException.class);
        } else {
            assertThat(passed).as(as).isEqualTo(whole + Relayed.LAST_EVENT);
            assertThat(relayed.completed()).as(as).isTrue();
            assertThat(relayed.attempt.results()).as(as).containsExactly("failed");
        }
        relayed.assertNothingHeld(as);
    }

    /** Up to the last blank line, or to the end of the line that says that all is done. */
    private static String wholeEvents(String part) {
        String lines = part.replace("\r", "");
        if (lines.endsWith("data: [DONE]\n") || lines.endsWith("data:[DONE]\n")) {
            return part;
        }
        int lf = part.lastIndexOf("\n\n");
        int crlf = part.lastIndexOf("\n\r\n");
        int doneThenCr = part.endsWith("[DONE]\r\n\r") ? part.length() : 0;
        return part.substring(0, Math.max(doneThenCr, Math.max(lf < 0 ? 0 : lf + 2, crlf < 0 ? 0 : crlf + 3)));
    }

    private static boolean isDone(String whole) {
        return whole.lines().anyMatch(line -> line.equals("data: [DONE]") || line.equals("data:[DONE]"));
    }
}

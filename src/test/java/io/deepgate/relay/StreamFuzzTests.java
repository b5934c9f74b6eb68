package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Mutations;
import io.deepgate.forward.UpstreamUnavailableException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whatever an upstream sends as a stream, and in whatever pieces: the client gets its beginning and nothing else, the
 * meter reads what a tree would, nothing is held, and a failure is in our own words. {@code .ci/fuzz} searches longer, led
 * by the code's coverage.
 */
class StreamFuzzTests {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Jackson 3.1 refuses an end where a member or value must come, but not where its input is cut just before it. */
    private static final Pattern UNTIMELY_END = Pattern.compile("[,:]\\s*[}\\]]");

    private static final Pattern CHUNKS = Pattern.compile("(data: \\{[^\r\n]*}\n\n)+data: \\[DONE]\n\n");

    @Test
    void relaysWhatItIsSent() throws IOException {
        Mutations.of("stream").forEach(StreamFuzzTests::fuzzerTestOneInput);
    }

    /** Jazzer's entry: one input, whose first byte says where the stream behind it is cut. */
    public static void fuzzerTestOneInput(byte[] input) {
        byte[] bytes = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
        int[] cuts = new Random(input.length == 0 ? 0 : input[0])
                .ints(3, 0, bytes.length + 1)
                .sorted()
                .toArray();

        Relayed whole = Relayed.stream().send(bytes).ends();
        isABeginningOf(bytes, whole);
        readsLikeATree(bytes, whole);
        if (UNTIMELY_END.matcher(new String(bytes, ISO_8859_1)).find()) {
            return;
        }
        isTheSame(whole, Relayed.stream().send(bytes, cuts).ends(), Arrays.toString(cuts));
        isTheSame(whole, Relayed.stream().sendByteByByte(bytes).ends(), "byte by byte");

        StreamRelay.Hidden all = new StreamRelay.Hidden(true, true);
        Relayed hidden = Relayed.stream(all).send(bytes).ends();
        isTheSame(hidden, Relayed.stream(all).send(bytes, cuts).ends(), Arrays.toString(cuts));
        assertThat(hidden.meter.usage(0)).isEqualTo(whole.meter.usage(0));
    }

    private static void isABeginningOf(byte[] bytes, Relayed relayed) {
        String passed = new String(relayed.bytes(), ISO_8859_1);
        boolean broke = passed.endsWith(Relayed.LAST_EVENT);
        String own = broke ? passed.substring(0, passed.length() - Relayed.LAST_EVENT.length()) : passed;
        assertThat(new String(bytes, ISO_8859_1)).startsWith(own);
        relayed.assertNothingHeld("whole");
        if (!relayed.completed()) {
            assertThat(passed).isEmpty();
            assertThat(relayed.failure()).isInstanceOf(UpstreamUnavailableException.class);
        } else if (!broke) {
            assertThat(relayed.meter.isWhole() || relayed.meter.error()).isTrue();
        }
    }

    private static void isTheSame(Relayed one, Relayed other, String as) {
        assertThat(other.bytes()).as(as).isEqualTo(one.bytes());
        assertThat(other.completed()).as(as).isEqualTo(one.completed());
        assertThat(other.meter.usage(7)).as(as).isEqualTo(one.meter.usage(7));
        assertThat(other.meter.pieces()).as(as).isEqualTo(one.meter.pieces());
        assertThat(other.meter.model()).as(as).isEqualTo(one.meter.model());
        assertThat(other.meter.isWhole()).as(as).isEqualTo(one.meter.isWhole());
        assertThat(other.meter.error()).as(as).isEqualTo(one.meter.error());
        assertThat(other.attempt.results()).as(as).isEqualTo(one.attempt.results());
        assertThat(other.attempt.breakers()).as(as).isEqualTo(one.attempt.breakers());
        other.assertNothingHeld(as);
    }

    /** Where a stream is nothing but chat chunks that no two readers could understand differently. */
    private static void readsLikeATree(byte[] bytes, Relayed relayed) {
        List<JsonNode> chunks = chunks(bytes);
        if (chunks.isEmpty()) {
            return;
        }
        assertThat(relayed.meter.usage(7)).isEqualTo(usage(chunks, relayed.meter.usage(7)));
        assertThat(relayed.meter.model())
                .isEqualTo(chunks.stream()
                        .map(chunk -> chunk.path("model"))
                        .filter(JsonNode::isString)
                        .map(JsonNode::stringValue)
                        .findFirst()
                        .orElse(null));
    }

    private static List<JsonNode> chunks(byte[] bytes) {
        String stream = new String(bytes, UTF_8);
        if (!CHUNKS.matcher(stream).matches() || !Arrays.equals(stream.getBytes(UTF_8), bytes)) {
            return List.of();
        }
        try {
            List<JsonNode> chunks = stream.lines()
                    .filter(line -> line.startsWith("data: {"))
                    .map(line -> JSON.readTree(line.substring(6)))
                    .toList();
            return chunks.stream().anyMatch(chunk -> chunk.has("message") || chunk.has("response"))
                    ? List.of()
                    : chunks;
        } catch (JacksonException e) {
            return List.of();
        }
    }

    private static TokenUsage usage(List<JsonNode> chunks, TokenUsage estimated) {
        long[] figures = new long[4];
        boolean reported = false;
        for (JsonNode chunk : chunks) {
            reported |= chunk.path("usage").isObject();
            chunk.path("usage").properties().forEach(figure -> {
                switch (figure.getKey()) {
                    case "prompt_tokens", "input_tokens" -> put(figures, 0, figure.getValue());
                    case "completion_tokens", "output_tokens" -> put(figures, 1, figure.getValue());
                    case "prompt_cache_hit_tokens", "cache_read_input_tokens" -> put(figures, 2, figure.getValue());
                    case "prompt_tokens_details", "input_tokens_details" ->
                        put(figures, 2, figure.getValue().path("cached_tokens"));
                    case "completion_tokens_details", "output_tokens_details" ->
                        put(figures, 3, figure.getValue().path("reasoning_tokens"));
                    default -> {}
                }
            });
        }
        boolean promptIsUncached =
                chunks.stream().anyMatch(chunk -> isFigure(chunk.path("usage").path("cache_read_input_tokens")));
        long uncached = promptIsUncached ? figures[0] : Math.max(0, figures[0] - figures[2]);
        return reported ? new TokenUsage(figures[2], uncached, figures[1], figures[3], false) : estimated;
    }

    private static void put(long[] figures, int at, JsonNode figure) {
        if (isFigure(figure)) {
            figures[at] = Math.clamp(figure.longValue(), 0, Integer.MAX_VALUE);
        }
    }

    private static boolean isFigure(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong();
    }
}

package io.deepgate.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/** The parser against the one it extends: they find the same tokens at the same places, or the same mistake. */
class RequestParserTests {

    private static final JsonFactory JACKSON = JsonFactory.builder()
            .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
            .build();
    private static final int TEXTS = 3000;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final RandomJson json = new RandomJson(random);

    @Test
    void skipsWhatJacksonSkips() {
        int whole = 0;
        for (int i = 0; i < TEXTS; i++) {
            byte[] text = text();
            List<String> expected = walk(JACKSON, text);
            assertThat(walk(RequestScanner.JSON, text))
                    .as("seed %d: %s", seed, new String(text, UTF_8))
                    .isEqualTo(expected);
            whole += expected.size() == 4 ? 1 : 0;
        }
        assertThat(whole).as("seed %d", seed).isBetween(TEXTS / 5, TEXTS - TEXTS / 5);
    }

    @Test
    void stopsAtEveryByteThatIsNotPlain() {
        for (int value = 0; value < 256; value++) {
            for (int at = 1; at < 20; at++) {
                byte[] text = "[\"a text that has only letters\",1]".getBytes(UTF_8);
                text[1 + at] = (byte) value;
                assertThat(walk(RequestScanner.JSON, text))
                        .as("%d at %d", value, at)
                        .isEqualTo(walk(JACKSON, text));
            }
        }
    }

    /** Strings in an array, mostly plain; in every second a byte is wrong, so that it may end anywhere. */
    private byte[] text() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes("[\"".getBytes(UTF_8));
        int length = random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(60);
        while (text.size() < length) {
            text.writeBytes("plain text. ".repeat(random.nextInt(9)).getBytes(UTF_8));
            String some = json.string(4);
            text.writeBytes(some.substring(1, some.length() - 1).getBytes(UTF_8));
        }
        text.writeBytes("\",1]".getBytes(UTF_8));
        byte[] bytes = text.toByteArray();
        if (random.nextBoolean()) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static List<String> walk(JsonFactory factory, byte[] text) {
        List<String> found = new ArrayList<>();
        try (JsonParser parser =
                factory.createParser(ObjectReadContext.empty(), (InputStream) new ByteArrayInputStream(text))) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                found.add(token + " at " + parser.currentTokenLocation().getByteOffset());
            }
        } catch (JacksonException e) {
            found.add(e.getMessage());
        }
        return found;
    }
}

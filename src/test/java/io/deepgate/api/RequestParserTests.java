package io.deepgate.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
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
    void skipsChildrenAsStrictlyAsItReadsThem() {
        int whole = 0;
        for (int i = 0; i < 10 * TEXTS; i++) {
            byte[] text = nested();
            String expected = skip(JACKSON, text);
            assertThat(skip(RequestScanner.JSON, text))
                    .as("seed %d: %s", seed, new String(text, UTF_8))
                    .isEqualTo(expected);
            whole += expected.equals("wrong") ? 0 : 1;
        }
        assertThat(whole).as("seed %d", seed).isBetween(2 * TEXTS, 8 * TEXTS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{\"a\" 1}",
                "{a:1}",
                "{,}",
                "{\"a\":}",
                "[",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[1}",
                "{\"a\":1]",
                "[01]",
                "[-]",
                "[- 1]",
                "[-a]",
                "[1.]",
                "[.1]",
                "[1e]",
                "[+1]",
                "[NaN]",
                "[tru]",
                "[truer]",
                "[nul]",
                "['a']",
                "[\"a]",
                "[\u00a01]",
                "[\u00011]",
                "[//\n1]"
            })
    void findsWhatIsNoJsonInWhatItSkips(String text) {
        assertThat(skip(RequestScanner.JSON, ("{\"of\":" + text + "}").getBytes(UTF_8)))
                .isEqualTo("wrong");
    }

    @ParameterizedTest
    @CsvSource({"498, true", "499, false"})
    void skipsNoDeeperThanItReads(int depth, boolean skipped) {
        byte[] text = ("{\"of\":" + "[{\"a\":".repeat(depth / 2) + "[".repeat(1 + depth % 2) + "]".repeat(1 + depth % 2)
                        + "}]".repeat(depth / 2) + "}")
                .getBytes(UTF_8);
        assertThat(skip(JACKSON, text)).matches(skipped ? ".* at .*" : "wrong");
        assertThat(skip(RequestScanner.JSON, text)).isEqualTo(skip(JACKSON, text));
    }

    @Test
    void saysWhereAMistakeIs() {
        byte[] text = "{\"of\":{\n \"a\":[1,\n  2 3]}}".getBytes(UTF_8);
        try (JsonParser parser = parser(RequestScanner.JSON, text)) {
            parser.nextToken();
            parser.nextName();
            parser.nextToken();
            assertThatThrownBy(parser::skipChildren).isInstanceOfSatisfying(JacksonException.class, e -> {
                assertThat(e.getOriginalMessage()).startsWith("Unexpected character ('3' (code 51))");
                assertThat(e.getLocation().getLineNr()).isEqualTo(3);
                assertThat(e.getLocation().getColumnNr()).isEqualTo(5);
            });
        }
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

    /** An object whose members have children; in every second a byte is wrong. */
    private byte[] nested() {
        String member = json.string(6) + json.space() + ":" + json.space();
        byte[] text = ("{" + member + "[" + json.value(5) + "," + json.value(5) + "]," + json.space() + member + "{"
                        + json.string(4) + ":" + json.value(5) + "}" + json.space() + "}")
                .getBytes(UTF_8);
        if (random.nextBoolean()) {
            text[random.nextInt(text.length)] = (byte) "{}[]:,\"\\ 0-.e+tn\n\0".charAt(random.nextInt(18));
        }
        return text;
    }

    /** Where an object's members begin and end, without looking at what they hold. */
    private static String skip(JsonFactory factory, byte[] text) {
        StringBuilder found = new StringBuilder();
        try (JsonParser parser = parser(factory, text)) {
            parser.nextToken();
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken first = parser.nextToken();
                found.append(name).append(' ').append(first).append(" at ");
                found.append(parser.currentTokenLocation().getByteOffset()).append(" to ");
                parser.skipChildren();
                found.append(parser.currentToken()).append(' ');
                // A value that has no children is read when what is behind it is.
                found.append(first.isStructStart() ? parser.currentLocation().getByteOffset() : 0L);
            }
            found.append(parser.currentToken()).append(parser.nextToken());
        } catch (JacksonException e) {
            return "wrong";
        }
        return found.toString();
    }

    private static JsonParser parser(JsonFactory factory, byte[] text) {
        return factory.createParser(ObjectReadContext.empty(), (InputStream) new ByteArrayInputStream(text));
    }

    private static List<String> walk(JsonFactory factory, byte[] text) {
        List<String> found = new ArrayList<>();
        try (JsonParser parser = parser(factory, text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                found.add(token + " at " + parser.currentTokenLocation().getByteOffset());
            }
        } catch (JacksonException e) {
            found.add(e.getMessage());
        }
        return found;
    }
}

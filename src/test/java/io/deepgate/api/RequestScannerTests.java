package io.deepgate.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.Charset;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestScannerTests {

    private static final String CHAT = """
        {"messages": [{"role":"user","content":"Grüße, \\"model\\": \\"no\\" 🚀"}],
         "model" : "deepseek-flash", "stream":true,"max_tokens":12 }
        """;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"m-1\"}",
                "  {  \"model\"  :  \"m-1\"  }  ",
                "\r\n{\n\t\"model\"\n:\r\"m-1\"\n}\n",
                "{\"model\":\"m-1\",\"messages\":[]}",
                "{\"messages\":[],\"model\":\"m-1\"}",
                "{\"a\":1,\"model\":\"m-1\",\"b\":2}",
                "{\"messages\":[{\"model\":\"nested\"}],\"model\":\"m-1\"}",
                "{\"model\":\"m-1\",\"metadata\":{\"model\":\"nested\",\"stream\":true,\"max_tokens\":7}}",
                "{\"x\":\"\\\"model\\\":\\\"quoted\\\"\",\"model\":\"m-1\"}",
                "{\"größe\":\"日本語🚀\",\"model\":\"m-1\",\"z\":\"é\"}",
                "{\"\":{},\"model\":\"m-1\",\"x\":1e400,\"y\":-0.0,\"z\":[[[]]]}",
                "{\"m\\u006fdel\":\"m-1\"}",
                "{\"Model\":5,\"MODEL\":6,\"model \":7,\"model\":\"m-1\"}",
            })
    void findsTheModelWhereverItIs(String json) {
        RequestBody body = scan(json);

        assertThat(body.model()).isEqualTo("m-1");
        assertThat(valueOf(body)).isEqualTo("\"m-1\"");
        assertThat(body.stream()).isFalse();
        assertThat(body.maxTokens()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"m\\u002d1\" | m-1",
                "\"a\\/b\" | a/b",
                "\"\\\"quoted\\\"\" | \"quoted\"",
                "\"größer\" | größer",
                "\"日本🚀\" | 日本🚀",
                "\"\\ud83d\\ude80\" | 🚀",
                "\"back\\\\\" | back\\",
            })
    void readsEscapesButKeepsTheirOffsets(String value, String model) {
        RequestBody body = scan("{\"é\":\"ü\",\"model\": " + value + " ,\"z\":1}");

        assertThat(body.model()).isEqualTo(model);
        assertThat(valueOf(body)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' |",
                "'\"n\":1,\"seed\":null,\"response_format\":{\"type\":\"json_object\"},\"tool_choice\":\"auto\"' |",
                "'\"n\":2,\"seed\":7' | n seed",
                "'\"response_format\":{\"type\":\"json_schema\"},\"tool_choice\":\"required\"' | json_schema forced_tool",
                "'\"logit_bias\":{\"5\":1},\"user\":\"u\",\"metadata\":{}' | user metadata logit_bias",
                "'\"temperature\":0,\"top_p\":1' | temperature top_p",
                "'\"temperature\":0,\"store\":true,\"thinking\":{\"type\":\"disabled\"}' | store",
                "'\"frequency_penalty\":1,\"reasoning_effort\":\"none\"' |"
            })
    void notesParametersThatNotEverybodyHeeds(String fields, String parameters) {
        RequestBody body = scan("{\"model\":\"m\"" + (fields.isEmpty() ? "" : "," + fields) + "}");

        assertThat(Parameter.in(body.parameters()).stream()
                        .map(Parameter::label)
                        .collect(Collectors.joining(" ")))
                .isEqualTo(parameters == null ? "" : parameters);
    }

    @Test
    void leavesTheBytesUntouched() {
        ByteBuf bytes = bytes(CHAT);

        RequestBody body = RequestScanner.scan(bytes);

        assertThat(body.bytes()).isSameAs(bytes);
        assertThat(bytes.readerIndex()).isZero();
        assertThat(bytes.refCnt()).isOne();
        assertThat(bytes.toString(UTF_8)).isEqualTo(CHAT);
    }

    @Test
    void countsFromTheFirstReadableByte() {
        ByteBuf bytes = bytes("junk" + CHAT).skipBytes(4);

        RequestBody body = RequestScanner.scan(bytes);

        assertThat(valueOf(body)).isEqualTo("\"deepseek-flash\"");
        assertThat(body.size()).isEqualTo(CHAT.getBytes(UTF_8).length);
    }

    @Test
    void readsBodiesCutAnywhere() {
        byte[] whole = CHAT.getBytes(UTF_8);
        for (int cut = 0; cut <= whole.length; cut++) {
            CompositeByteBuf bytes = Unpooled.compositeBuffer();
            bytes.addComponent(true, Unpooled.copiedBuffer(whole, 0, cut));
            bytes.addComponent(true, Unpooled.copiedBuffer(whole, cut, whole.length - cut));

            isTheChat(RequestScanner.scan(bytes), "cut at " + cut);
        }
    }

    @Test
    void readsBodiesThatComeByteByByte() {
        CompositeByteBuf bytes = Unpooled.compositeBuffer(1000);
        for (byte next : CHAT.getBytes(UTF_8)) {
            bytes.addComponent(true, Unpooled.wrappedBuffer(new byte[] {next}));
        }

        isTheChat(RequestScanner.scan(bytes), "byte by byte");
    }

    /** The parser reads 8000 bytes at a time: the model's value, with an escape in it, crosses each such border. */
    @Test
    void findsTheModelAcrossTheParsersBuffers() {
        for (int border : new int[] {8000, 16_000}) {
            for (int length = border - 40; length <= border + 10; length++) {
                String json = "{\"prompt\":\"" + "x".repeat(length) + "\",\"model\":\"deep\\u0073eek-flash\",\"n\":1}";

                RequestBody body = scan(json);

                assertThat(body.model()).isEqualTo("deepseek-flash");
                assertThat(valueOf(body)).as("prompt of %d", length).isEqualTo("\"deep\\u0073eek-flash\"");
            }
        }
    }

    @Test
    void findsTheModelBehindALargePrompt() {
        String prompt = "Grüße 🚀 \\\"model\\\": ".repeat(50_000);
        RequestBody body = scan("{\"prompt\":\"" + prompt + "\",\"model\":\"m-1\"}");

        assertThat(body.size()).isGreaterThan(1_000_000);
        assertThat(valueOf(body)).isEqualTo("\"m-1\"");
    }

    @ParameterizedTest
    @CsvSource({"true, true", "false, false", "null, false"})
    void readsStream(String value, boolean stream) {
        assertThat(scan("{\"model\":\"m\",\"stream\":" + value + "}").stream()).isEqualTo(stream);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"max_tokens\":5' | 5",
                "'\"max_completion_tokens\":5' | 5",
                "'\"max_tokens\":5,\"max_completion_tokens\":3' | 3",
                "'\"max_completion_tokens\":3,\"max_tokens\":5' | 3",
                "'\"max_tokens\":5,\"max_completion_tokens\":null' | 5",
                "'\"max_tokens\":null' | 0",
                "'\"max_tokens\":0' | 0",
                "'\"max_tokens\":-5' | 0",
                "'\"max_tokens\":5,\"max_completion_tokens\":-3' | 5",
                "'\"max_tokens\":-5,\"max_completion_tokens\":3' | 3",
                "'\"max_tokens\":9223372036854775807' | 9223372036854775807",
            })
    void readsTheSmallerOfBothMaxima(String fields, long maxTokens) {
        assertThat(scan("{\"model\":\"m\"," + fields + "}").maxTokens()).isEqualTo(maxTokens);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e400", "1e999999999", "1.0", "1e3", "\"5\"", "true", "[5]", "{}"})
    void refusesMaximaThatAreNoWholeNumbers(String value) {
        for (String name : new String[] {"max_tokens", "max_completion_tokens"}) {
            var refusal = refuses("{\"model\":\"m\",\"" + name + "\":" + value + "}", "invalid_type", name);
            assertThat(refusal).hasMessage("\"" + name + "\" must be a whole number.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1000000000000000000000000000000", "9223372036854775808", "-9223372036854775809"})
    void refusesMaximaBeyondAllBounds(String value) {
        refuses("{\"model\":\"m\",\"max_tokens\":" + value + "}", "invalid_value", "max_tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0", "\"true\"", "{}", "[true]"})
    void refusesStreamThatIsNoBoolean(String value) {
        var refusal = refuses("{\"model\":\"m\",\"stream\":" + value + "}", "invalid_type", "stream");
        assertThat(refusal).hasMessage("\"stream\" must be true or false.");
    }

    @Test
    void refusesModelsThatAreNoNames() {
        refuses("{}", "missing_required_parameter", "model");
        refuses("{\"messages\":[{\"model\":\"m\"}]}", "missing_required_parameter", "model");
        refuses("{\"model\":null}", "invalid_type", "model");
        refuses("{\"model\":5}", "invalid_type", "model");
        refuses("{\"model\":[\"m\"]}", "invalid_type", "model");
        refuses("{\"model\":\"\"}", "invalid_value", "model");
        refuses("{\"model\":\"" + "m".repeat(257) + "\"}", "invalid_value", "model");
        assertThat(scan("{\"model\":\"" + "m".repeat(256) + "\"}").model()).hasSize(256);
    }

    @Test
    void refusesWhatIsThereTwice() {
        refuses("{\"model\":\"a\",\"model\":\"b\"}", "invalid_value", "model");
        refuses("{\"model\":\"a\",\"mod\\u0065l\":\"b\"}", "invalid_value", "model");
        refuses("{\"model\":\"a\",\"stream\":true,\"stream\":true}", "invalid_value", "stream");
        refuses("{\"model\":\"a\",\"max_tokens\":null,\"max_tokens\":1}", "invalid_value", "max_tokens");
        refuses(
                "{\"model\":\"a\",\"max_completion_tokens\":1,\"max_completion_tokens\":1}",
                "invalid_value",
                "max_completion_tokens");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "null",
                "\"model\"",
                "{\"model\":\"m\"",
                "{\"model\":\"m",
                "{\"model\":",
                "{\"model\":\"m\",}",
                "{\"model\":\"m\"}}",
                "{\"model\":\"m\"},",
                "{\"model\":\"m\"} x",
                "{\"model\":\"m\"}{\"model\":\"m\"}",
                "{\"model\":\"m\"} null",
                "{'model':'m'}",
                "{model:\"m\"}",
                "{\"model\":\"m\",\"x\":NaN}",
                "{\"model\":\"m\",\"x\":01}",
                "{\"model\":\"m\",\"x\":tru}",
                "{\"model\":\"m\",\"x\":\"a\nb\"}",
                "{\"model\":\"m\",\"x\":\"a\u0000b\"}",
                "{\"model\":\"m\",\"x\":\"\\x\"}",
                "{\"model\":\"m\",\"x\":[}]}",
                "/* c */{\"model\":\"m\"}",
                "\ufeff{\"model\":\"m\"}",
            })
    void refusesWhatIsNoJsonObject(String json) {
        assertThat(refuses(json, "invalid_json", null).getMessage())
                .contains("body")
                .endsWith(".")
                .doesNotContain("Source", "\n");
    }

    @Test
    void refusesWhatIsBeyondTheParsersBounds() {
        refuses(nested(501), "invalid_json", null);
        refuses("{\"model\":\"m\",\"x\":" + "[".repeat(100_000), "invalid_json", null);
        refuses("{\"model\":\"m\",\"x\":" + "{\"x\":".repeat(100_000), "invalid_json", null);
        refuses("{\"model\":\"m\",\"x\":" + "9".repeat(1001) + "}", "invalid_json", null);
        refuses("{\"model\":\"m\",\"max_tokens\":" + "9".repeat(1001) + "}", "invalid_json", null);
        refuses("{\"model\":\"m\",\"" + "n".repeat(60_000) + "\":1}", "invalid_json", null);
        assertThat(scan(nested(498)).model()).isEqualTo("m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00ff", "\u0080", "\u00c3", "\u00e2\u0082", "\u00f0\u009f\u009a"})
    void refusesBytesThatAreNoUtf8(String bytes) {
        for (String json : new String[] {
            "{\"model\":\"m\",\"x\":\"" + bytes + "\"}",
            "{\"model\":\"m\",\"x\":[{\"y\":\"" + bytes + " and more\"}]}",
            "{\"model\":\"m" + bytes + "\"}",
            "{\"model\":\"m\",\"" + bytes + "\":1}",
            "{\"model\":\"m\"}" + bytes
        }) {
            refuses(Unpooled.copiedBuffer(json, ISO_8859_1), "invalid_json", null);
        }
    }

    @Test
    void refusesOtherEncodings() {
        String json = "{\"model\":\"m\"}";
        refuses(Unpooled.copiedBuffer(json, UTF_16), "invalid_json", null);
        refuses(Unpooled.copiedBuffer(json, UTF_16LE), "invalid_json", null);
        refuses(Unpooled.copiedBuffer(json, UTF_16BE), "invalid_json", null);
        refuses(Unpooled.copiedBuffer(json, Charset.forName("UTF-32")), "invalid_json", null);
    }

    @Test
    void saysWhereTheJsonBreaks() {
        assertThat(refuses("{\n \"model\": oops}", "invalid_json", null))
                .hasMessageContaining("oops")
                .hasMessageEndingWith("(line 2, column 11).");
    }

    @Test
    void estimatesThePromptByItsBytes() {
        assertThat(scan("{\"model\":\"m\"}").estimatedTokens()).isBetween(3L, 6L);
        long words = estimate("a word or two ".repeat(100));
        long chinese = estimate("模型的输出".repeat(100));
        assertThat(words).isBetween(400L, 500L);
        assertThat(chinese).isBetween(250L, 320L);
        // Of what is long only samples are looked at.
        assertThat(estimate("a word or two ".repeat(100_000))).isBetween(970 * words, 1010 * words);
    }

    /** A hundred pieces: a word is 1.08, its letter 0.03, a turn in it 1.19, a digit 0.87, a sign 0.27, what is beyond 0.54. */
    @ParameterizedTest
    @CsvSource({
        "' word', 120",
        "' AB', 114",
        "' Ab', 114",
        "' aB', 233",
        "' a1', 317",
        "' A1', 317",
        "' 11', 174",
        "'::', 54",
        "型, 54",
        "é, 54",
        "'    ', 0"
    })
    void weighsWhatAPromptIsMadeOf(String piece, long tokens) {
        assertThat(estimate(piece.repeat(100)) - estimate("")).isCloseTo(tokens, within(1L));
    }

    private static long estimate(String prompt) {
        return scan("{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}").estimatedTokens();
    }

    private static String nested(int depth) {
        return "{\"model\":\"m\",\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
    }

    private static void isTheChat(RequestBody body, String as) {
        assertThat(body.model()).as(as).isEqualTo("deepseek-flash");
        assertThat(valueOf(body)).as(as).isEqualTo("\"deepseek-flash\"");
        assertThat(body.stream()).as(as).isTrue();
        assertThat(body.maxTokens()).as(as).isEqualTo(12);
    }

    /** What stands between the offsets. */
    private static String valueOf(RequestBody body) {
        return body.bytes()
                .slice()
                .toString(
                        body.members().get("model").valueStart(),
                        body.members().get("model").valueEnd()
                                - body.members().get("model").valueStart(),
                        UTF_8);
    }

    private static ByteBuf bytes(String json) {
        return Unpooled.copiedBuffer(json, UTF_8);
    }

    private static RequestBody scan(String json) {
        return RequestScanner.scan(bytes(json));
    }

    private static InvalidRequestException refuses(String json, String code, String param) {
        return refuses(bytes(json), code, param);
    }

    private static InvalidRequestException refuses(ByteBuf bytes, String code, String param) {
        InvalidRequestException refusal =
                catchThrowableOfType(InvalidRequestException.class, () -> RequestScanner.scan(bytes));
        assertThat(refusal).as(bytes.toString(UTF_8)).isNotNull();
        assertThat(refusal.code()).isEqualTo(code);
        assertThat(refusal.param()).isEqualTo(param);
        return refusal;
    }
}

package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerMeterTests {

    private static final long PROMPT = 1000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":4}}",
                "{\"usage\":{\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":4},\"prompt_tokens\":10}}",
                "\n\n \t{ \"id\" : \"x\" ,\r\n \"usage\" : { \"prompt_tokens\" : 10 , \"total_tokens\" : 15 ,"
                        + " \"completion_tokens\" : 5 , \"prompt_cache_hit_tokens\" : 4 } , \"choices\" : [ ] }\n",
                "{\"usage\":{\"prompt_tokens_details\":{\"audio_tokens\":9,\"cached_tokens\":4},\"completion_tokens\":5,"
                        + "\"prompt_tokens\":10,\"x\":{\"y\":{\"prompt_tokens\":7}},\"z\":[{\"completion_tokens\":8},9]}}",
                "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":4},"
                        + "\"prompt_cache_hit_tokens\":{\"a\":{\"b\":9}}}}",
                "{\"us\\u0061ge\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":4}}",
            })
    void readsTheReportWhereverItIs(String document) {
        assertThat(read(document).usage(PROMPT)).isEqualTo(new TokenUsage(4, 6, 5, 0, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "STOP | {'choices':[{'message':{'content':'Hi'},'finish_reason':'stop'}]}",
                "STOP | {'choices':[{'delta':{'content':'Hi'},'finish_reason':null}]}{'choices':[{'delta':{},'finish_reason':'stop'}]}",
                "EMPTY | {'choices':[{'message':{'content':'','reasoning_content':'Hm'},'finish_reason':'stop'}]}",
                "EMPTY | {'choices':[]}",
                "LENGTH | {'choices':[{'message':{'content':''},'finish_reason':'length'}]}",
                "CONTENT_FILTER | {'choices':[{'message':{'content':'Hi'},'finish_reason':'content_filter'}]}",
                "TOOL_CALLS | {'choices':[{'message':{'tool_calls':[{'function':{'name':'f','arguments':'{}'}}]},'finish_reason':'tool_calls'}]}",
                "OTHER | {'choices':[{'delta':{'content':'Hi'},'finish_reason':'insufficient_system_resource'}]}",
                "STOP | {'content':[{'type':'text','text':'Hi'}],'stop_reason':'end_turn'}",
                "LENGTH | {'type':'content_block_delta','delta':{'type':'text_delta','text':'Hi'}}{'type':'message_delta','delta':{'stop_reason':'max_tokens'}}",
                "STOP | {'output':[{'content':[{'text':'Hi'}]}],'status':'completed','incomplete_details':null}",
                "LENGTH | {'type':'x','delta':'Hi'}{'type':'response.incomplete','response':{'incomplete_details':{'reason':'max_output_tokens'},'output':[{'status':'completed'}],'status':'incomplete'}}",
                " | {'choices':[{'delta':{'content':'Hi'}}]}"
            })
    void knowsHowItEnded(Finish finish, String documents) {
        assertThat(read(documents.replace('\'', '"')).finish()).isEqualTo(finish);
    }

    @Test
    void readsTheReasoning() {
        AnswerMeter meter = read("{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":50,"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":40}}}");

        assertThat(meter.usage(PROMPT)).isEqualTo(new TokenUsage(0, 10, 50, 40, false));
        assertThat(meter.usage(PROMPT).total()).isEqualTo(60);
    }

    @Test
    void takesTheLastWordOnEachFigure() {
        AnswerMeter meter =
                read("{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":1,\"prompt_cache_hit_tokens\":4}}"
                        + "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2}}{\"usage\":null}");

        assertThat(meter.usage(PROMPT)).isEqualTo(new TokenUsage(4, 6, 2, 0, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"usage\":null}",
                "{\"usage\":7}",
                "{\"usage\":\"prompt_tokens\"}",
                "{\"x\":{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}}",
                "{\"choices\":[{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}]}",
                "{\"choices\":[{\"text\":\"\"}],\"x\":\"\\\"usage\\\":{\\\"prompt_tokens\\\":10}\"}",
                "[{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}]",
                "{\"prompt_tokens\":10,\"completion_tokens\":5}",
            })
    void takesNothingElseForAReport(String document) {
        assertThat(read(document).usage(PROMPT)).isEqualTo(new TokenUsage(0, PROMPT, 0, 0, true));
    }

    @Test
    void neverTakesTextForAReport() {
        String looksLikeIt = "\\\"usage\\\":{\\\"prompt_tokens\\\":1,\\\"completion_tokens\\\":2}},\\\"usage\\\":{";
        AnswerMeter meter = read("{\"choices\":[{\"message\":{\"content\":\"" + looksLikeIt
                + "\",\"reasoning_content\":\""
                + looksLikeIt + "\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{" + looksLikeIt
                + "}\"}}]}}],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}");

        assertThat(meter.usage(PROMPT)).isEqualTo(new TokenUsage(0, 10, 5, 0, false));
        assertThat(meter.pieces()).isEqualTo(4);
    }

    @Test
    void boundsWhatNoModelCouldHaveUsed() {
        AnswerMeter meter = read("{\"usage\":{\"prompt_tokens\":9223372036854775807,"
                + "\"completion_tokens\":9223372036854775807,\"prompt_cache_hit_tokens\":-5}}");

        assertThat(meter.usage(PROMPT)).isEqualTo(new TokenUsage(0, Integer.MAX_VALUE, Integer.MAX_VALUE, 0, false));
        assertThat(meter.usage(PROMPT).total()).isPositive();
        assertThat(read("{\"usage\":{\"prompt_tokens\":3,\"prompt_cache_hit_tokens\":5}}")
                        .usage(0)
                        .inputUncached())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"a, 1", "abc, 1", "abcd, 2", "0123456789, 3", "é, 1", "éé, 2", "日本, 2", "日本語日本, 3", "aé, 1", "'', 0"})
    void estimatesWhatWasWrittenByItsLetters(String text, long tokens) {
        assertThat(read("{\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}]}")
                        .usage(PROMPT))
                .isEqualTo(new TokenUsage(0, PROMPT, tokens, 0, true));
    }

    @Test
    void estimatesAllThatAModelWrites() {
        AnswerMeter meter = read("""
                {"choices":[{"delta":{"role":"assistant","content":"0123456789"}}]}
                {"choices":[{"delta":{"reasoning_content":"0123456789"}}]}
                {"choices":[{"delta":{"tool_calls":[{"id":"not counted","type":"function",
                  "function":{"name":"0123456789","arguments":"0123456789"}}]}}]}
                {"choices":[{"text":"0123456789","index":0,"logprobs":{"content":[{"token":"not counted"}]}}]}
                {"choices":[{"index":1,"message":{"content":"0123456789"}}],"system_fingerprint":"not counted"}
                """);

        assertThat(meter.usage(PROMPT).output()).isEqualTo(18);
        assertThat(meter.pieces()).isEqualTo(6);
    }

    @Test
    void knowsContentFromItsFrame() {
        AnswerMeter meter = new AnswerMeter();
        feed(meter, "{\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}");
        feed(meter, "{\"choices\":[{\"delta\":{\"content\":null},\"finish_reason\":null}]}");
        assertThat(meter.pieces()).isZero();
        assertThat(meter.firstContentAt()).isZero();

        long before = System.nanoTime();
        feed(meter, "{\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm\"}}]}");
        long first = meter.firstContentAt();
        feed(meter, "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}");

        assertThat(meter.pieces()).isEqualTo(2);
        assertThat(first).isBetween(before, System.nanoTime());
        assertThat(meter.firstContentAt()).isEqualTo(first);
    }

    @Test
    void countsNoStringOfAListAsContent() {
        AnswerMeter meter =
                read("{\"choices\":[{\"delta\":{\"content\":\"x\"},\"stop\":[\"a\",\"b\"]},[\"content\"]]}");

        assertThat(meter.pieces()).isOne();
    }

    @Test
    void tellsTheModelThatSpokeFirst() {
        assertThat(read("{\"choices\":[{\"model\":\"inner\"}],\"model\":\"outer\"}{\"model\":\"later\"}")
                        .model())
                .isEqualTo("outer");
        assertThat(read("{\"model\":null}").model()).isNull();
    }

    @Test
    void seesTheUpstreamsOwnError() {
        assertThat(read("{\"error\":{\"message\":\"busy\"}}").error()).isTrue();
        assertThat(read("{\"error\":null}").error()).isFalse();
        assertThat(read("{\"choices\":[{\"delta\":{\"error\":{}}}]}").error()).isFalse();
    }

    @Test
    void knowsWhereADocumentEnds() {
        AnswerMeter meter = new AnswerMeter();
        feed(meter, "\n\n ");
        assertThat(meter.documents()).isZero();
        feed(meter, "{\"a\":{");
        assertThat(meter.documents()).isOne();
        feed(meter, "}");
        assertThat(meter.insideDocument()).isTrue();
        feed(meter, "}");
        assertThat(meter.insideDocument()).isFalse();
        feed(meter, "\n");
        assertThat(meter.insideDocument()).isFalse();
        assertThat(meter.documents()).isOne();
        feed(meter, "{");
        assertThat(meter.documents()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"usage\":[1,[2,{\"prompt_tokens\":3}]]}",
                "{\"usage\":{\"x\":[1]}}",
                "{\"choices\":\"x\"}",
                "{\"choices\":[[[[[[[[[[\"x\"]]]]]]]]]]}",
                "{\"choices\":{\"x\":{\"y\":[\"z\"]}}}",
                "{\"choices\":[[[\"x\"]]]}",
                "{\"error\":[]}",
                "{\"\":{\"\":{\"\":\"\"}}}",
                "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":{\"j\":\"k\"}}}}}}}}}}",
            })
    void readsAnyJson(String document) {
        AnswerMeter meter = read(document);

        assertThat(meter.garbled()).isFalse();
        assertThat(meter.pieces()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>", "[{}]", "\"x\" ", "7 ", "{]", "{\"a\":}", "{\"a\":1}}", "{\"a\":tru}"})
    void noticesWhatIsNoJson(String document) {
        AnswerMeter meter = read(document);

        assertThat(meter.garbled()).isTrue();
        feed(meter, "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}");
        assertThat(meter.usage(PROMPT).estimated()).isTrue();
    }

    @Test
    void noticesWhatIsBeyondTheParsersBounds() {
        assertThat(read("[".repeat(100_000)).garbled()).isTrue();
        assertThat(read("{\"usage\":{\"prompt_tokens\":" + "9".repeat(3000) + "}}")
                        .garbled())
                .isTrue();
        assertThat(read("{\"" + "n".repeat(60_000) + "\":1}").garbled()).isTrue();
    }

    @Test
    void neverFails() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = Recorded.DOCUMENT.bytes();
            for (int damage = 1 + random.nextInt(4); damage > 0; damage--) {
                bytes[random.nextInt(bytes.length)] = (byte) "{}[],:\"x0 \n\\".charAt(random.nextInt(12));
            }
            AnswerMeter meter = new AnswerMeter();
            int cut = random.nextInt(bytes.length);
            try {
                feed(meter, Unpooled.wrappedBuffer(bytes, 0, cut));
                feed(meter, Unpooled.wrappedBuffer(bytes, cut, bytes.length - cut));
                meter.usage(PROMPT);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + new String(bytes, UTF_8), e);
            }
        }
    }

    @Test
    void readsEveryKindOfBufferAndLeavesItAsItWas() {
        byte[] document = Recorded.DOCUMENT.bytes();
        CompositeByteBuf parts = Unpooled.compositeBuffer(2000);
        for (byte next : document) {
            parts.addComponent(true, Unpooled.wrappedBuffer(new byte[] {next}));
        }
        ByteBuf direct = Unpooled.directBuffer().writeBytes(document);
        ByteBuf inner = Unpooled.buffer()
                .writeBytes("junk".getBytes(UTF_8))
                .writeBytes(document)
                .writeByte('j');
        for (ByteBuf buffer : Arrays.asList(
                parts,
                direct,
                direct.asReadOnly(),
                inner.slice(4, document.length),
                Unpooled.wrappedBuffer(document))) {
            AnswerMeter meter = new AnswerMeter();

            feed(meter, buffer);

            assertThat(meter.usage(PROMPT)).isEqualTo(Recorded.DOCUMENT.usage);
            assertThat(buffer.readerIndex()).isZero();
            assertThat(buffer.readableBytes()).isEqualTo(document.length);
        }
        direct.release();
    }

    private static AnswerMeter read(String text) {
        AnswerMeter meter = new AnswerMeter();
        feed(meter, text);
        return meter;
    }

    private static void feed(AnswerMeter meter, String text) {
        feed(meter, Unpooled.copiedBuffer(text, UTF_8));
    }

    private static void feed(AnswerMeter meter, ByteBuf bytes) {
        meter.read(bytes, bytes.readerIndex(), bytes.writerIndex());
    }
}

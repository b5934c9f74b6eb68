package io.deepgate.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Answers to requests that asked for something that can be checked. */
class ExaminedTests {

    private static final String TOOLS = """
            {"tools":[{"function":{"name":"look_up","parameters":
                {"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}}},
                {"function":{"name":"stop"}}]}""";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":1}  | true  | true",
                "{\"a\":\"1\"} | true | false",
                "17         | false | false",
                "Sure: {}   | false | false"
            })
    void saysWhetherItIsTheJsonThatWasAskedFor(String text, boolean json, boolean schema) {
        String asked = """
                {"response_format":{"type":"json_schema","json_schema":{"schema":
                    {"type":"object","properties":{"a":{"type":"integer"}}}}}}""";

        Examined examined = examined(asked, "{\"content\":" + quoted(text) + "}");

        assertThat(examined.json()).isEqualTo(json);
        assertThat(examined.schema()).isEqualTo(schema);
        assertThat(examined.characters()).isEqualTo(text.length());
    }

    @Test
    void saysNothingOfWhatWasNotAskedFor() {
        Examined examined = examined("{}", "{\"content\":\"no JSON\"}");

        assertThat(examined.json()).isNull();
        assertThat(examined.schema()).isNull();
        assertThat(examined.known()).isNull();
        assertThat(examined.arguments()).isNull();
    }

    @Test
    void checksNoSchemaThatMayTakeForever() {
        String asked = """
                {"response_format":{"type":"json_schema","json_schema":{"schema":
                    {"properties":{"a":{"type":"string","pattern":"^(a+)+$"}}}}}}""";

        Examined examined = examined(asked, "{\"content\":" + quoted("{\"a\":\"" + "a".repeat(99) + "!\"}") + "}");

        assertThat(examined.json()).isTrue();
        assertThat(examined.schema()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "look_up | {\"id\":1}  | true  | true",
                "look_up | {\"id\":\"\"} | true  | false",
                "look_up | {}         | true  | false",
                "look_up | {\"id\":   | true  | false",
                "stop    | {\"x\":1}   | true  | true",
                "invent  | {}         | false |"
            })
    void saysWhetherTheToolsAreKnownAndTheirArgumentsFit(
            String name, String arguments, boolean known, Boolean fitting) {
        Examined examined = examined(
                TOOLS,
                "{\"tool_calls\":[{\"function\":{\"name\":" + quoted(name) + ",\"arguments\":" + quoted(arguments)
                        + "}}]}");

        assertThat(examined.tools()).containsExactly(name);
        assertThat(examined.known()).isEqualTo(known);
        assertThat(examined.arguments()).isEqualTo(fitting);
    }

    @ParameterizedTest
    @ValueSource(strings = {"I'm sorry, but I can't help with that.", "As an AI, I have no", "I cannot", "抱歉，我不能"})
    void hearsRefusals(String text) {
        assertThat(examined("{}", "{\"content\":" + quoted(text) + "}").refusal())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Paris.", "You cannot divide by zero.", "Here is what I can say: yes"})
    void takesNoAnswerForARefusal(String text) {
        assertThat(examined("{}", "{\"content\":" + quoted(text) + "}").refusal())
                .isFalse();
    }

    @Test
    void putsAStreamTogether() {
        String stream = """
                : keep-alive

                data: {"choices":[{"delta":{"role":"assistant","content":null,"reasoning_content":"Hm"}}]}

                data: {"choices":[{"delta":{"content":"Hel"}}]}

                data: {"choices":[{"delta":{"content":"lo"}}]}

                data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"look_up","arguments":""}}]}}]}

                data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"id\\""}}]}}]}

                data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]}

                data: {"choices":[],"usage":{}}

                data: [DONE]

                """;

        ChatAnswer answer = ChatAnswer.of(stream.getBytes(StandardCharsets.UTF_8), true);

        assertThat(answer.text()).isEqualTo("Hello");
        assertThat(answer.tools()).containsExactly(new ChatAnswer.Tool("look_up", "{\"id\":1}"));
    }

    @Test
    void readsNothingOfWhatIsNoAnswer() {
        assertThat(ChatAnswer.of(new byte[0], true)).isNull();
        assertThat(ChatAnswer.of("nonsense".getBytes(StandardCharsets.UTF_8), false))
                .isNull();
    }

    private static Examined examined(String asked, String message) {
        byte[] answer = ("{\"choices\":[{\"message\":" + message + "}]}").getBytes(StandardCharsets.UTF_8);
        return Examined.of(JsonMapper.shared().readTree(asked), ChatAnswer.of(answer, false));
    }

    private static String quoted(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }
}

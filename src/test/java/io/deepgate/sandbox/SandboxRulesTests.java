package io.deepgate.sandbox;

import static io.deepgate.sandbox.SandboxClient.error;
import static io.deepgate.sandbox.SandboxClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxRulesTests {

    private static final Sandbox SANDBOX = SandboxClient.fastSandbox();
    private static final SandboxClient CLIENT = SandboxClient.of(SANDBOX);

    @AfterAll
    static void close() {
        SANDBOX.close();
        CLIENT.http().close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | "n":2                                                    | Invalid n value
            400 | "stream_options":{"include_usage":true}                  | stream_options should be set along with
            400 | "max_tokens":393217                                      | the valid range of max_tokens is [1, 393216]
            400 | "max_tokens":0                                           | the valid range of max_tokens
            422 | "max_tokens":"many"                                      | max_tokens
            400 | "response_format":{"type":"json_schema"}                 | This response_format type is unavailable now
            400 | "response_format":{"type":"json_object"}                 | must contain the word 'json'
            400 | "tool_choice":"required"                                 | Thinking mode does not support this tool_choice
            400 | "tool_choice":{"type":"function","function":{"name":"f"}} | Thinking mode does not support
            422 | "thinking":true                                          | thinking: invalid type
            422 | "thinking":{"type":"maybe"}                              | thinking.type: unknown variant
            422 | "reasoning_effort":"extreme"                             | reasoning_effort: unknown variant `extreme`
            422 | "stream":"yes"                                           | stream: invalid type
            400 | "user_id":"a b"                                          | Invalid user_id
            """)
    void refusesOptions(int status, String field, String message) throws Exception {
        assertRefused(CLIENT.chat("Hi", field), status, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | {"model":                                                | Failed to parse the request body as JSON
            422 | []                                                       | Failed to deserialize
            422 | {"messages":[]}                                          | missing field `model`
            422 | {"model":"deepseek-flash"}                               | missing field `messages`
            400 | {"model":"deepseek-flash","messages":[]}                 | Empty input messages
            400 | {"model":"deepseek-flash","messages":[{"role":"developer","content":"x"}]} | messages[0].role: unknown variant `developer`
            400 | {"model":"deepseek-flash","messages":[{"role":"user","content":[{"type":"file"}]}]} | unknown variant `file`
            400 | {"model":"deepseek-v4-pro","messages":[{"role":"user","content":[{"type":"image_url"}]}]} | unknown variant `image_url`, expected `text`
            400 | {"model":"deepseek-flash","messages":[{"role":"assistant","content":"I","prefix":true}]} | beta api
            """)
    void refusesBodies(int status, String body, String message) throws Exception {
        assertRefused(CLIENT.send(CLIENT.post("/chat/completions", body)), status, message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek-chat", "deepseek-reasoner", "deepseek-v4", "gpt-5"})
    void knowsTwoModels(String model) throws Exception {
        String body = SandboxClient.body("Hi", "").replace("deepseek-flash", model);
        assertRefused(
                CLIENT.send(CLIENT.post("/chat/completions", body)),
                400,
                "The supported API model names are deepseek-flash, deepseek-v4-pro, but you passed " + model);
    }

    @Test
    void servesTheOldNameOfFlash() throws Exception {
        String body = SandboxClient.body("Hi", "").replace("deepseek-flash", "deepseek-v4-flash");
        assertThat(json(CLIENT.send(CLIENT.post("/chat/completions", body)))
                        .path("model")
                        .stringValue())
                .isEqualTo("deepseek-flash");
    }

    @Test
    void forcesToolsOnlyWithoutThinking() throws Exception {
        String forced = """
                "tool_choice":"required","thinking":{"type":"disabled"},
                "tools":[{"type":"function","function":{"name":"f","parameters":{}}}]""";
        assertThat(json(CLIENT.chat("Hi", forced))
                        .at("/choices/0/finish_reason")
                        .stringValue())
                .isEqualTo("tool_calls");
    }

    @Test
    void wantsItsReasoningBackWhenThereAreTools() throws Exception {
        String body = """
                {"model":"deepseek-flash","tools":[{"type":"function","function":{"name":"f"}}],"messages":[
                {"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"%s},{"role":"user","content":"And?"}]}""";
        assertRefused(
                CLIENT.send(CLIENT.post("/chat/completions", body.formatted(""))),
                400,
                "The `reasoning_content` in the thinking mode must be passed back to the API.");
        assertThat(CLIENT.send(CLIENT.post("/chat/completions", body.formatted(",\"reasoning_content\":\"Hm\"")))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void continuesAPrefixUnderBeta() throws Exception {
        String body = """
                {"model":"deepseek-flash","messages":[{"role":"user","content":"Hi"},
                {"role":"assistant","content":"Ho","prefix":true}]}""";
        assertThat(CLIENT.send(CLIENT.post("/beta/chat/completions", body)).statusCode())
                .isEqualTo(200);
    }

    private static void assertRefused(HttpResponse<String> response, int status, String message) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(error(response)).contains(message);
        assertThat(json(response).at("/error/code").stringValue()).isEqualTo("invalid_request_error");
        assertThat(response.headers().firstValue("x-ds-trace-id")).isPresent();
    }
}

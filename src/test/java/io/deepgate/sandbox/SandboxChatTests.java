package io.deepgate.sandbox;

import static io.deepgate.sandbox.SandboxClient.events;
import static io.deepgate.sandbox.SandboxClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SandboxChatTests {

    private static final String TOOLS = """
            "tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object",
            "properties":{"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]}},
            "required":["city","days"]}}}]""";

    private static final Sandbox SANDBOX = SandboxClient.fastSandbox();
    private static final SandboxClient CLIENT = SandboxClient.of(SANDBOX);

    @AfterAll
    static void close() {
        SANDBOX.close();
        CLIENT.http().close();
    }

    @Test
    void thinksThenAnswers() throws Exception {
        HttpResponse<String> response = CLIENT.chat("What is a gateway?", "");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-ds-trace-id")).isPresent();
        JsonNode message = json(response).at("/choices/0/message");
        assertThat(message.path("reasoning_content").stringValue()).isNotBlank();
        assertThat(message.path("content").stringValue()).endsWith("You asked: What is a gateway?");
        assertThat(json(response).at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
        assertThat(json(response).path("object").stringValue()).isEqualTo("chat.completion");
    }

    @Test
    void streamsTheSameAnswerTokenByToken() throws Exception {
        HttpResponse<String> response = CLIENT.chat("What is a gateway?", "\"stream\":true");
        List<JsonNode> chunks = events(response.body());

        assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        assertThat(chunks.getFirst().at("/choices/0/delta/role").stringValue()).isEqualTo("assistant");
        assertThat(joined(chunks, "reasoning_content")).startsWith("We are in the sandbox");
        assertThat(joined(chunks, "content")).endsWith("You asked: What is a gateway?");
        JsonNode last = chunks.getLast();
        assertThat(last.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
        assertThat(last.at("/usage/completion_tokens").intValue()).isEqualTo(chunks.size() - 2);
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void doesNotThinkWhenToldNotTo() throws Exception {
        for (String off : List.of("\"thinking\":{\"type\":\"disabled\"}", "\"reasoning_effort\":\"none\"")) {
            JsonNode answer = json(CLIENT.chat("Quick", off));
            assertThat(answer.at("/choices/0/message").has("reasoning_content")).isFalse();
            assertThat(answer.at("/usage/completion_tokens_details/reasoning_tokens")
                            .intValue())
                    .isZero();
        }
    }

    @Test
    void callsTheFirstFunctionInFragments() throws Exception {
        List<JsonNode> chunks =
                events(CLIENT.chat("Weather?", TOOLS + ",\"stream\":true").body());
        List<JsonNode> calls = chunks.stream()
                .map(chunk -> chunk.at("/choices/0/delta/tool_calls/0"))
                .filter(call -> !call.isMissingNode())
                .toList();

        assertThat(calls).hasSizeGreaterThan(3);
        assertThat(calls.getFirst().at("/function/name").stringValue()).isEqualTo("weather");
        String arguments = calls.stream()
                .map(call -> call.at("/function/arguments").stringValue())
                .collect(Collectors.joining());
        assertThat(JsonMapper.shared().readTree(arguments).toString()).isEqualTo("{\"city\":\"sandbox\",\"days\":1}");
        assertThat(chunks.getLast().at("/choices/0/finish_reason").stringValue())
                .isEqualTo("tool_calls");

        JsonNode whole = json(CLIENT.chat("Weather?", TOOLS));
        assertThat(whole.at("/choices/0/message/tool_calls/0/function/arguments")
                        .stringValue())
                .isEqualTo(arguments);
    }

    @Test
    void answersPlainlyAfterATool() throws Exception {
        String body = """
                {"model":"deepseek-flash","messages":[{"role":"user","content":"Weather?"},
                {"role":"assistant","content":"","reasoning_content":"I call.","tool_calls":[]},
                {"role":"tool","tool_call_id":"call_00_1","content":"Sunny"}],%s}""".formatted(TOOLS);
        JsonNode answer = json(CLIENT.send(CLIENT.post("/v1/chat/completions", body)));

        assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
        assertThat(answer.at("/choices/0/message/content").stringValue()).isNotBlank();
        assertThat(json(CLIENT.chat("Weather?", TOOLS + ",\"tool_choice\":\"none\""))
                        .at("/choices/0/finish_reason")
                        .stringValue())
                .isEqualTo("stop");
    }

    @Test
    void cachesPromptsInBlocksAndForEachUserIdApart() throws Exception {
        String prompt = "A long prompt that repeats itself. ".repeat(100);

        JsonNode first = json(CLIENT.chat(prompt, "")).path("usage");
        JsonNode second = json(CLIENT.chat(prompt + " More.", "")).path("usage");
        JsonNode stranger = json(CLIENT.chat(prompt, "\"user_id\":\"t1\"")).path("usage");

        assertThat(first.path("prompt_cache_hit_tokens").intValue()).isZero();
        assertThat(second.path("prompt_cache_hit_tokens").intValue()).isGreaterThan(900);
        assertThat(second.path("prompt_cache_hit_tokens").intValue() % PrefixCache.BLOCK)
                .isZero();
        assertThat(second.path("prompt_cache_hit_tokens").intValue()
                        + second.path("prompt_cache_miss_tokens").intValue())
                .isEqualTo(second.path("prompt_tokens").intValue());
        assertThat(second.at("/prompt_tokens_details/cached_tokens")).isEqualTo(second.path("prompt_cache_hit_tokens"));
        assertThat(stranger.path("prompt_cache_hit_tokens").intValue()).isZero();
    }

    @Test
    void stopsWhereItIsTold() throws Exception {
        JsonNode cut = json(CLIENT.chat("Hi", "\"max_tokens\":3"));
        assertThat(cut.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
        assertThat(cut.at("/usage/completion_tokens").intValue()).isEqualTo(3);

        JsonNode ignored = json(CLIENT.chat("Hi", "\"max_completion_tokens\":3"));
        assertThat(ignored.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");

        JsonNode stopped = json(CLIENT.chat("[[say one two three]]", "\"stop\":[\" three\"]"));
        assertThat(stopped.at("/choices/0/message/content").stringValue()).isEqualTo("one two");
    }

    @Test
    void writesJsonWhenAsked() throws Exception {
        JsonNode answer = json(CLIENT.chat("In JSON please", "\"response_format\":{\"type\":\"json_object\"}"));
        JsonNode content = JsonMapper.shared()
                .readTree(answer.at("/choices/0/message/content").stringValue());
        assertThat(content.isObject()).isTrue();
    }

    private static String joined(List<JsonNode> chunks, String field) {
        return chunks.stream()
                .map(chunk -> chunk.at("/choices/0/delta").path(field).asString(""))
                .collect(Collectors.joining());
    }
}

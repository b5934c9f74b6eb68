package io.deepgate.sandbox;

import static io.deepgate.sandbox.SandboxClient.error;
import static io.deepgate.sandbox.SandboxClient.events;
import static io.deepgate.sandbox.SandboxClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SandboxTests {

    private static final String TOOLS = """
            "tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object",
            "properties":{"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]}},
            "required":["city","days"]}}}]""";

    private final Sandbox sandbox = SandboxClient.fastSandbox();
    private final SandboxClient client = SandboxClient.of(sandbox);

    @BeforeEach
    void startsIdle() {
        assertThat(sandbox.openConnections()).isZero();
    }

    @AfterEach
    void endsIdle() {
        assertThat(sandbox.openConnections()).isZero();
        sandbox.close();
        client.http().close();
    }

    @Test
    void thinksThenAnswers() throws Exception {
        HttpResponse<String> response = client.chat("What is a gateway?", "");

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
        HttpResponse<String> response = client.chat("What is a gateway?", "\"stream\":true");
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
            JsonNode answer = json(client.chat("Quick", off));
            assertThat(answer.at("/choices/0/message").has("reasoning_content")).isFalse();
            assertThat(answer.at("/usage/completion_tokens_details/reasoning_tokens")
                            .intValue())
                    .isZero();
        }
    }

    @Test
    void callsTheFirstFunctionInFragments() throws Exception {
        List<JsonNode> chunks =
                events(client.chat("Weather?", TOOLS + ",\"stream\":true").body());
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

        JsonNode whole = json(client.chat("Weather?", TOOLS));
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
        JsonNode answer = json(client.send(client.post("/v1/chat/completions", body)));

        assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");
        assertThat(answer.at("/choices/0/message/content").stringValue()).isNotBlank();
        assertThat(json(client.chat("Weather?", TOOLS + ",\"tool_choice\":\"none\""))
                        .at("/choices/0/finish_reason")
                        .stringValue())
                .isEqualTo("stop");
    }

    @Test
    void cachesPromptsInBlocksAndForEachUserIdApart() throws Exception {
        String prompt = "A long prompt that repeats itself. ".repeat(100);

        JsonNode first = json(client.chat(prompt, "")).path("usage");
        JsonNode second = json(client.chat(prompt + " More.", "")).path("usage");
        JsonNode stranger = json(client.chat(prompt, "\"user_id\":\"t1\"")).path("usage");

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
        JsonNode cut = json(client.chat("Hi", "\"max_tokens\":3"));
        assertThat(cut.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
        assertThat(cut.at("/usage/completion_tokens").intValue()).isEqualTo(3);

        JsonNode ignored = json(client.chat("Hi", "\"max_completion_tokens\":3"));
        assertThat(ignored.at("/choices/0/finish_reason").stringValue()).isEqualTo("stop");

        JsonNode stopped = json(client.chat("[[say one two three]]", "\"stop\":[\" three\"]"));
        assertThat(stopped.at("/choices/0/message/content").stringValue()).isEqualTo("one two");
    }

    @Test
    void writesJsonWhenAsked() throws Exception {
        JsonNode answer = json(client.chat("In JSON please", "\"response_format\":{\"type\":\"json_object\"}"));
        JsonNode content = JsonMapper.shared()
                .readTree(answer.at("/choices/0/message/content").stringValue());
        assertThat(content.isObject()).isTrue();
    }

    @Test
    void listsModelsAndBalance() throws Exception {
        assertThat(json(client.get("/models")).at("/data/0/id").stringValue()).isEqualTo("deepseek-flash");
        assertThat(json(client.get("/v1/models/deepseek-v4-pro"))
                        .path("max_output_tokens")
                        .intValue())
                .isEqualTo(393_216);
        assertThat(json(client.get("/user/balance"))
                        .at("/balance_infos/0/total_balance")
                        .stringValue())
                .isEqualTo("110.00");
        assertThat(client.get("/v1/models/gpt-9").statusCode()).isEqualTo(404);
        assertThat(client.send(client.post("/v1/embeddings", "{}")).statusCode())
                .isEqualTo(404);
    }

    @Test
    void judgesKeys() throws Exception {
        assertThat(withKey("Bearer sk-invalid3750").statusCode()).isEqualTo(401);
        assertThat(error(withKey("Bearer sk-invalid3750")))
                .isEqualTo("Authentication Fails, Your api key: ****3750 is invalid");
        assertThat(withKey("Basic abc").statusCode()).isEqualTo(401);
        assertThat(withKey("Bearer sk-broke").statusCode()).isEqualTo(402);
        assertThat(error(withKey("Bearer sk-broke"))).isEqualTo("Insufficient Balance");
        assertThat(withKey("Bearer sk-fine").statusCode()).isEqualTo(200);
    }

    @Test
    void showsWhatReachedIt() throws Exception {
        client.chat("Hello", "");
        assertThat(sandbox.requests()).isEqualTo(1);
        assertThat(sandbox.lastRequestBody()).isEqualTo(SandboxClient.body("Hello", ""));
        assertThat(sandbox.lastRequestHeaders()).containsEntry("Authorization", "Bearer sk-test");
    }

    @Test
    void stopsGeneratingWhenTheClientLeaves() throws Exception {
        try (InputStream body = client.open("[[rate 50]] [[tokens 5000]]", "\"stream\":true")
                .get()
                .body()) {
            assertThat(body.read()).isEqualTo('d');
            assertThat(sandbox.openConnections()).isEqualTo(1);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> sandbox.openConnections() == 0);
        assertThat(sandbox.aborted()).isEqualTo(1);
    }

    @Test
    void keepsThePaceItIsGiven() throws Exception {
        long start = System.nanoTime();
        client.chat(
                "[[rate 100]] [[delay 100ms]] [[tokens 11]]", "\"thinking\":{\"type\":\"disabled\"},\"stream\":true");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(200), Duration.ofMillis(1500));
    }

    @Test
    void saysPlainlyThatThePortIsTaken() {
        SandboxProperties taken =
                new SandboxProperties(sandbox.baseUrl().getPort(), Duration.ZERO, 1, Duration.ofSeconds(1), "sk-test");
        assertThatThrownBy(() -> Sandbox.start(taken).close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gateway.sandbox.port");
    }

    @Test
    void namesThePropertyThatIsWrong() {
        assertThatThrownBy(() -> new SandboxProperties(0, Duration.ZERO, 0, Duration.ofSeconds(1), "sk-test"))
                .hasMessage("gateway.sandbox.tokens-per-second must be 1..100000, is 0");
    }

    private HttpResponse<String> withKey(String authorization) throws Exception {
        HttpRequest.Builder request = client.request("/chat/completions").setHeader("authorization", authorization);
        return client.send(request.POST(HttpRequest.BodyPublishers.ofString(SandboxClient.body("Hi", "")))
                .build());
    }

    private static String joined(List<JsonNode> chunks, String field) {
        return chunks.stream()
                .map(chunk -> chunk.at("/choices/0/delta").path(field).asString(""))
                .collect(Collectors.joining());
    }
}

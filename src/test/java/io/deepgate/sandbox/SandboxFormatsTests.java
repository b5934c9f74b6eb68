package io.deepgate.sandbox;

import static io.deepgate.sandbox.SandboxClient.error;
import static io.deepgate.sandbox.SandboxClient.events;
import static io.deepgate.sandbox.SandboxClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SandboxFormatsTests {

    private static final Sandbox SANDBOX = SandboxClient.fastSandbox();
    private static final SandboxClient CLIENT = SandboxClient.of(SANDBOX);

    @AfterAll
    static void close() {
        SANDBOX.close();
        CLIENT.http().close();
    }

    @Test
    void completesText() throws Exception {
        JsonNode whole = json(completion("\"echo\":true"));
        assertThat(whole.path("object").stringValue()).isEqualTo("text_completion");
        assertThat(whole.at("/choices/0/text").stringValue()).startsWith("def fib(a): [[say return]]return");
        assertThat(whole.at("/usage/prompt_tokens").intValue()).isPositive();

        String stream = completion("\"stream\":true").body();
        assertThat(stream).endsWith("data: [DONE]\n\n");
        assertThat(events(stream).stream()
                        .map(chunk -> chunk.at("/choices/0/text").stringValue())
                        .collect(Collectors.joining()))
                .isEqualTo("return");
        assertThat(events(stream).getLast().at("/choices/0/finish_reason").stringValue())
                .isEqualTo("stop");
        assertThat(events(stream).getLast().at("/usage/completion_tokens").intValue())
                .isEqualTo(2);
    }

    @Test
    void completesTextOnlyUnderBeta() throws Exception {
        HttpResponse<String> response =
                CLIENT.send(CLIENT.post("/v1/completions", "{\"model\":\"deepseek-flash\",\"prompt\":\"x\"}"));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error(response)).contains("beta");
        assertThat(completion("\"max_tokens\":4097").statusCode()).isEqualTo(400);
    }

    @Test
    void streamsAResponseInNumberedEvents() throws Exception {
        String body =
                response("\"input\":\"[[say Hello there]]\",\"stream\":true").body();
        List<JsonNode> events = events(body);

        assertThat(body).startsWith("event: response.created\ndata: ").doesNotContain("[DONE]");
        assertThat(events.stream()
                        .map(event -> event.path("type").stringValue())
                        .distinct())
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.reasoning_text.delta",
                        "response.reasoning_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.completed");
        assertThat(events.stream().map(event -> event.path("sequence_number").intValue()))
                .isEqualTo(IntStream.range(0, events.size()).boxed().toList());
        assertThat(deltas(events, "response.output_text.delta")).isEqualTo("Hello there");
        JsonNode completed = events.getLast().path("response");
        assertThat(completed.at("/output/1/content/0/text").stringValue()).isEqualTo("Hello there");
        assertThat(completed.at("/usage/output_tokens").intValue())
                .isEqualTo(completed
                                .at("/usage/output_tokens_details/reasoning_tokens")
                                .intValue()
                        + 4);
        assertThat(completed.at("/usage/input_tokens_details/cached_tokens").isInt())
                .isTrue();
    }

    @Test
    void answersAResponseWhole() throws Exception {
        JsonNode whole = json(response("""
                "instructions":"Be brief","reasoning":{"effort":"none"},
                "input":[{"role":"developer","content":"x"},
                {"type":"message","role":"user","content":[{"type":"input_text","text":"[[say Hi]]"}]}]"""));
        assertThat(whole.path("status").stringValue()).isEqualTo("completed");
        assertThat(whole.path("output")).hasSize(1);
        assertThat(whole.at("/output/0/content/0/text").stringValue()).isEqualTo("Hi");
    }

    @Test
    void callsFunctionsInAResponse() throws Exception {
        String tools = """
                "input":"Weather?","tools":[{"type":"function","name":"weather",
                "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}],"stream":true""";
        List<JsonNode> events = events(response(tools).body());
        assertThat(deltas(events, "response.function_call_arguments.delta")).isEqualTo("{\"city\":\"sandbox\"}");
        assertThat(events.getLast().at("/response/output/1/name").stringValue()).isEqualTo("weather");
    }

    @ParameterizedTest
    @CsvSource({"length,incomplete", "content_filter,incomplete", "aborted,failed", "stop,completed"})
    void endsAResponseAsItFinished(String finish, String status) throws Exception {
        String input = "\"input\":\"[[finish " + finish + "]]\",\"stream\":true";
        JsonNode last = events(response(input).body()).getLast();
        assertThat(last.path("type").stringValue()).isEqualTo("response." + status);
        assertThat(last.at("/response/status").stringValue()).isEqualTo(status);
    }

    @Test
    void fitsAResponseToItsSchema() throws Exception {
        JsonNode whole = json(response("""
                "input":"x","reasoning":{"effort":"none"},"text":{"format":{"type":"json_schema","name":"n","schema":
                {"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]}}}"""));
        JsonNode content = JsonMapper.shared()
                .readTree(whole.at("/output/0/content/0/text").stringValue());
        assertThat(content.path("age").isInt()).isTrue();
    }

    @Test
    void keepsNoStateBetweenResponses() throws Exception {
        HttpResponse<String> response = response("\"input\":\"x\",\"previous_response_id\":\"resp_1\"");
        assertThat(response.statusCode()).isEqualTo(400);
    }

    @Test
    void streamsAMessageInBlocks() throws Exception {
        String body = message("deepseek-flash", "[[say Hello there]]", "\"stream\":true")
                .body();
        List<JsonNode> events = events(body);

        assertThat(body).startsWith("event: message_start\ndata: ").doesNotContain("[DONE]");
        assertThat(events.stream()
                        .map(event -> event.path("type").stringValue())
                        .distinct())
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(events.stream()
                        .map(event -> event.at("/delta/text").asString(""))
                        .collect(Collectors.joining()))
                .isEqualTo("Hello there");
        assertThat(events.getFirst().at("/message/usage/input_tokens").intValue())
                .isPositive();
        JsonNode delta = events.get(events.size() - 2);
        assertThat(delta.at("/delta/stop_reason").stringValue()).isEqualTo("end_turn");
        assertThat(delta.at("/usage/output_tokens").intValue()).isGreaterThan(4);
    }

    @Test
    void answersAMessageWhole() throws Exception {
        JsonNode whole = json(message("deepseek-flash", "[[say Hi]]", "\"max_tokens\":1000"));
        assertThat(whole.at("/content/0/type").stringValue()).isEqualTo("thinking");
        assertThat(whole.at("/content/1/text").stringValue()).isEqualTo("Hi");
        assertThat(whole.path("stop_reason").stringValue()).isEqualTo("end_turn");
    }

    @ParameterizedTest
    @CsvSource({"claude-opus-4-8,deepseek-v4-pro", "claude-sonnet-5,deepseek-flash", "deepseek-v4-pro,deepseek-v4-pro"})
    void translatesClaudesNames(String named, String served) throws Exception {
        assertThat(json(message(named, "Hi", "\"max_tokens\":10")).path("model").stringValue())
                .isEqualTo(served);
    }

    @Test
    void usesToolsInAMessage() throws Exception {
        String tools = """
                "tools":[{"name":"weather","input_schema":{"properties":{"city":{"type":"string"}}}}]""";
        JsonNode whole = json(message("deepseek-flash", "Weather?", tools));
        assertThat(whole.at("/content/1/input/city").stringValue()).isEqualTo("sandbox");
        assertThat(whole.path("stop_reason").stringValue()).isEqualTo("tool_use");
    }

    @ParameterizedTest
    @CsvSource({
        "429,rate_limit_error",
        "503,overloaded_error",
        "500,api_error",
        "401,authentication_error",
        "402,billing_error"
    })
    void refusesMessagesInTheirOwnEnvelope(int status, String type) throws Exception {
        HttpResponse<String> response = message("deepseek-flash", "[[status " + status + "]]", "\"stream\":true");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(json(response).path("type").stringValue()).isEqualTo("error");
        assertThat(json(response).at("/error/type").stringValue()).isEqualTo(type);
    }

    @Test
    void takesAnthropicsKeyOnlyThere() throws Exception {
        String body = SandboxClient.body("Hi", "");
        for (String path : List.of("/anthropic/v1/messages", "/chat/completions")) {
            int status = CLIENT.http()
                    .send(
                            HttpRequest.newBuilder(SANDBOX.baseUrl().resolve(path))
                                    .header("x-api-key", "sk-test")
                                    .POST(BodyPublishers.ofString(body))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            assertThat(status).isEqualTo(path.startsWith("/anthropic") ? 200 : 401);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/responses", "/anthropic/v1/messages", "/beta/completions"})
    void obeysDirectivesEverywhere(String path) throws Exception {
        String body = """
                {"model":"deepseek-flash","stream":true,"input":"%1$s","prompt":"%1$s",
                "messages":[{"role":"user","content":"%1$s"}]}""".formatted("[[queue 60ms]] [[close after 2]]");
        String stream = CLIENT.send(CLIENT.post(path, body)).body();
        assertThat(stream).containsPattern("keep-alive|ping").doesNotContainPattern("completed|message_stop|DONE");
        assertThat(stream).containsPattern("delta|text");
    }

    private static HttpResponse<String> completion(String fields) throws Exception {
        String body = """
                {"model":"deepseek-flash","prompt":"def fib(a): [[say return]]","suffix":"return a",%s}""".formatted(fields);
        return CLIENT.send(CLIENT.post("/beta/completions", body));
    }

    private static HttpResponse<String> response(String fields) throws Exception {
        return CLIENT.send(CLIENT.post("/v1/responses", "{\"model\":\"deepseek-flash\"," + fields + "}"));
    }

    private static HttpResponse<String> message(String model, String text, String fields) throws Exception {
        return CLIENT.send(CLIENT.post(
                "/anthropic/v1/messages",
                SandboxClient.body(text, fields).replace("\"deepseek-flash\"", "\"" + model + "\"")));
    }

    private static String deltas(List<JsonNode> events, String type) {
        return events.stream()
                .filter(event -> event.path("type").stringValue().equals(type))
                .map(event -> event.path("delta").stringValue())
                .collect(Collectors.joining());
    }
}

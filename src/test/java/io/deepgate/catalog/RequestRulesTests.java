package io.deepgate.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.Overheard;
import io.deepgate.RawClient;
import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the upstream is sent, byte for byte. Each line of a table is a request's members: as they are sent, and as they are
 * received; {@code +} begins those that the gateway adds.
 */
@ExtendWith(Leaks.class)
class RequestRulesTests {

    private static final String CHAT = "/chat/completions";
    private static final String SAY_OK =
            "\"messages\":[{\"role\":\"user\",\"content\":\"json [[say ok]] " + Overheard.CANARY + "\"}]";
    private static final String TOOLS =
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}]";

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                "gateway.catalog.upstreams.vllm.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.vllm.api-key=sk-vllm",
                "gateway.catalog.upstreams.vllm.usage-when-asked=true",
                "gateway.catalog.aliases.pro.slug=deepseek-v4-pro",
                "gateway.catalog.aliases.elsewhere.slug=deepseek-flash",
                "gateway.catalog.aliases.elsewhere.upstream=vllm",
                "gateway.catalog.aliases.capped.slug=deepseek-flash",
                "gateway.catalog.aliases.capped.max-tokens=100",
                "gateway.catalog.aliases.wide.slug=deepseek-flash",
                "gateway.catalog.aliases.wide.max-tokens=8192",
                "gateway.catalog.aliases.schemaless.slug=deepseek-flash",
                "gateway.catalog.aliases.schemaless.json-schema=json-object",
                "gateway.catalog.aliases.strict.slug=deepseek-flash",
                "gateway.catalog.aliases.strict.forced-tool-choice=pass",
                "gateway.catalog.aliases.hard.slug=deepseek-flash",
                "gateway.catalog.aliases.hard.force.reasoning-effort=max",
                "gateway.catalog.aliases.quick.slug=deepseek-flash",
                "gateway.catalog.aliases.quick.defaults.thinking=disabled",
                "gateway.catalog.aliases.light.slug=deepseek-flash",
                "gateway.catalog.aliases.light.defaults.reasoning-effort=low",
                "gateway.catalog.aliases.dull.slug=deepseek-flash",
                "gateway.catalog.aliases.dull.defaults.reasoning-effort=none");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    // Each line of the table

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            "max_completion_tokens":5                      | "max_tokens":5
            "max_completion_tokens":5,"max_tokens":5       | "max_tokens":5
            "max_completion_tokens":5,"max_tokens":9       | "max_tokens":5
            "max_completion_tokens":9,"max_tokens":5       | "max_tokens":5
            "max_tokens":5,"max_completion_tokens":9       | "max_tokens":5
            "max_tokens":9,"max_completion_tokens":5       | "max_tokens":5
            "max_tokens":9,"x":1,"max_completion_tokens":5 | "max_tokens":5,"x":1
            "max_completion_tokens":5,"x":1,"max_tokens":9 | "x":1,"max_tokens":5
            "max_tokens":null,"max_completion_tokens":5    | "max_tokens":5
            "max_completion_tokens":null,"max_tokens":9    | "max_completion_tokens":null,"max_tokens":9
            "max_completion_tokens":null                   | "max_completion_tokens":null
            "max_tokens":9                                 | "max_tokens":9
            "max_output_tokens":9                          | "max_output_tokens":9
            """)
    void maxCompletionTokensBecomesMaxTokensAndTheSmallerCounts(String sent, String received) {
        assertReceived("deepseek-flash", sent, received);
    }

    @Test
    void maxCompletionTokensBoundsTheAnswer() {
        JsonNode answer = json(post(CHAT, Gateway.SEARCH, chat("deepseek-flash", "\"max_completion_tokens\":3")));
        assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            [{"role":"developer","content":"json"},{"role":"user","content":"[[say ok]]"}] | [{"role":"system","content":"json"},{"role":"user","content":"[[say ok]]"}]
            [{"content":"a", "role" : "developer" },{"role":"user","content":"b"},{"name":"n","role":"developer","content":"c"}] | [{"content":"a", "role" : "system" },{"role":"user","content":"b"},{"name":"n","role":"system","content":"c"}]
            [{"role":"d\\u0065veloper","content":"\\u00e9"},{"role":"user","content":"b"}] | [{"role":"system","content":"\\u00e9"},{"role":"user","content":"b"}]
            [{"role":"user","content":"\\"role\\":\\"developer\\""}] | [{"role":"user","content":"\\"role\\":\\"developer\\""}]
            [{"role":"user","content":[{"type":"text","text":"x","role":"developer"}]}] | [{"role":"user","content":[{"type":"text","text":"x","role":"developer"}]}]
            """)
    void roleDeveloperBecomesSystem(String sent, String received) {
        String before = "{\"model\":\"deepseek-flash\",\"messages\":";
        HttpResponse<String> answer = post(CHAT, Gateway.SEARCH, before + sent + "}");
        assertThat(sandbox.lastRequestBody()).isEqualTo(before + received + "}");
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "0", "-1", "1.5", "\"2\"", "true", "{}"})
    void anyNButOneIsRefusedAtOnce(String n) {
        for (String path : List.of(CHAT, "/completions", "/beta/chat/completions")) {
            JsonNode error = assertRefusedHere(path, "\"n\":" + n, 400);
            assertThat(error.path("param").asString()).isEqualTo("n");
            assertThat(error.path("code").asString()).isEqualTo("invalid_value");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"n\":1", "\"n\":null"})
    void anNOfOnePasses(String members) {
        assertReceived("deepseek-flash", members, members);
    }

    @Test
    void jsonSchemaIsRefusedWithTheWaysOut() {
        JsonNode error = assertRefusedHere(
                CHAT,
                "\"response_format\":{\"json_schema\":{\"name\":\"s\",\"schema\":{\"type\":\"object\"}},"
                        + "\"type\":\"json_schema\"}",
                400);
        assertThat(error.path("param").asString()).isEqualTo("response_format");
        assertThat(error.path("message").asString()).contains("json_object", "strict tools", "/v1/responses");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}} | "response_format":{"type":"json_object"}
            "response_format":{"json_schema":{"type":"text"},"type":"json_schema"} | "response_format":{"type":"json_object"}
            "response_format":{"type" : "json_object"}                             | "response_format":{"type" : "json_object"}
            "response_format":{"type":"text"}                                      | "response_format":{"type":"text"}
            "response_format":null                                                 | "response_format":null
            """)
    void jsonSchemaIsDowngradedWhereTheAliasSaysSo(String sent, String received) {
        assertReceived("schemaless", sent, received);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            "stream_options":{"include_usage":true}                | ''
            "stream_options":{"include_usage":true},"stream":false | "stream":false
            "stream":null,"stream_options":{"include_usage":true}  | "stream":null
            "stream_options":null                                  | ''
            "stream":true,"stream_options":{"include_usage":true}  | "stream":true,"stream_options":{"include_usage":true}
            "stream":true,"stream_options":null                    | "stream":true,"stream_options":null
            "stream":true                                          | "stream":true
            """)
    void streamOptionsAreDroppedWithoutAStream(String sent, String received) {
        assertReceived("deepseek-flash", sent, received.equals("''") ? "" : received);
        assertReceived("/completions", "deepseek-flash", "\"prompt\":\"[[say ok]]\"", sent, received.replace("''", ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            "tool_choice":"required"                                          | + "thinking":{"type":"disabled"}
            "tool_choice":{"type":"function","function":{"name":"f"}}         | + "thinking":{"type":"disabled"}
            "tool_choice":"required","thinking":{"type":"enabled"}            | "tool_choice":"required","thinking":{"type":"disabled"}
            "thinking":null,"tool_choice":"required"                          | "thinking":{"type":"disabled"},"tool_choice":"required"
            "tool_choice":"required","reasoning_effort":"high"                | + "thinking":{"type":"disabled"}
            "tool_choice":"required","reasoning_effort":null                  | + "thinking":{"type":"disabled"}
            "tool_choice":"required","thinking":{"type":"disabled"}           | =
            "tool_choice":"required","reasoning_effort":"none"                | =
            "tool_choice":"auto"                                              | =
            "tool_choice":"none"                                              | =
            "tool_choice":null                                                | =
            "thinking":{"type":"enabled"}                                     | =
            """)
    void aForcedToolChoiceTurnsThinkingOff(String sent, String received) {
        assertReceived(CHAT, "deepseek-flash", TOOLS + "," + SAY_OK, sent, merged(sent, received));
    }

    @Test
    void aForcedToolChoicePassesWhereTheAliasSaysSo() {
        String members = "\"tool_choice\":\"required\"," + TOOLS;
        HttpResponse<String> answer = post(CHAT, Gateway.SEARCH, chat("strict", members));
        assertThat(sandbox.lastRequestBody()).isEqualTo(chat("deepseek-flash", members));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("Thinking mode does not support this tool_choice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // user
                "\"user\":\"alice\"",
                // max_tokens within the limit of the model
                "\"max_tokens\":393216",
                // temperature, penalties while thinking
                "\"temperature\":1.50,\"top_p\":0.9e0,\"presence_penalty\":-2.0,\"frequency_penalty\":0",
                // seed, logit_bias, parallel_tool_calls, metadata, store, service_tier
                "\"seed\":12345678901234567890,\"logit_bias\":{\"50256\":-100}",
                "\"parallel_tool_calls\":false,\"metadata\":{\"type\":\"x\",\"user_id\":\"y\"},\"store\":true",
                "\"service_tier\":\"flex\"",
                // what nobody has heard of
                "\"x_new\":[{\"n\":2,\"stream_options\":{}},null],\"chat_template_kwargs\":{\"thinking\":true}",
                // what DeepSeek has beside OpenAI
                "\"thinking\":{\"type\":\"enabled\"},\"reasoning_effort\":\"ultra\"",
                "\"reasoning_effort\":\"none\"",
                "\"stop\":[\"a\"],\"logprobs\":true,\"top_logprobs\":3"
            })
    void whatIsNotNamedPasses(String members) {
        assertReceived("deepseek-flash", members, members);
    }

    @Test
    void tooManyMaxTokensPassAndTheUpstreamsMessageComesBack() {
        String body = chat("deepseek-flash", "\"max_tokens\":393217");
        HttpResponse<String> answer = post(CHAT, Gateway.SEARCH, body);
        assertThat(sandbox.lastRequestBody()).isEqualTo(body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).at("/error/message").asString())
                .contains("the valid range of max_tokens is [1, 393216]");
    }

    @Test
    void reasoningContentOfEarlierTurnsComesBack() {
        String body = """
                {"model":"deepseek-flash",%s,"messages":[{"role":"user","content":"a"},
                 {"role":"assistant","reasoning_content":"I  thought\\u0021","content":null,"tool_calls":[]},
                 {"role":"tool","tool_call_id":"c","content":"1"},{"role":"user","content":"[[say ok]]"}]}
                """.formatted(TOOLS);
        assertSameBytes(CHAT, body);
    }

    @Test
    void sixHundredImagesPass() {
        String images = IntStream.range(0, 600)
                .mapToObj(i -> "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}"
                        .formatted("iVBORw0KGgo".repeat(200)))
                .collect(Collectors.joining(", "));
        assertSameBytes(
                CHAT,
                "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":[" + images
                        + ",{\"type\":\"text\",\"text\":\"[[say ok]]\"}]}]}");
    }

    @Test
    void moreThan48MebibytesAreRefused() throws Exception {
        try (RawClient client = new RawClient(gateway)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, 48 * 1024 * 1024 + 1));
            assertThat(client.readAnswer()).startsWith("HTTP/1.1 413 ").contains("request_too_large");
        }
        gateway.record();
    }

    @Test
    void whatNeedsNoChangeIsTheSameBytes() {
        assertSameBytes(CHAT, """
                \t{ "tools" : [ ] , "mess\\u0061ges":[ {"content" :"json\\t[[say ok]] \\u00e9 é \\/ \\ud83d\\ude00 日本",
                 "role":"user" } ],"temperature":1.0E+0,"z":-0.0,"a":{"b":[[],{},[ null ]]},
                 "stream"  :false, "max_tokens":50,"model"\r\n:\t"deepseek-flash" }
                """);
        assertSameBytes("/beta" + CHAT, """
                {"messages":[{"role":"user","content":"a"},{"role":"assistant","prefix" : true,"content":"[[b"}],
                 "model":"deepseek-flash"}""");
        assertSameBytes("/completions", """
                {"suffix":"\\n}" , "prompt":"[[say ok]]","model":"deepseek-flash", "echo":true,"n":1}""");
        assertSameBytes("/responses", """
                {"input":"[[say ok]]","n":2,"stream_options":{"include_obfuscation":false},"max_tokens":1,
                 "max_completion_tokens":2, "model":"deepseek-flash","text":{"format":{"type":"json_schema"}}}""");
        assertSameBytes("/anthropic/messages", """
                {"max_tokens":50,"messages":[{"role":"user","content":"[[say ok]]"}],"model":"deepseek-flash","n":2,
                 "stream_options":{},"max_completion_tokens":7,"max_output_tokens":8,"system":[{"type":"text","text":"é"}]}""");
    }

    // What an alias does

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            capped | "x":1                                         | + "max_tokens":100
            capped | "max_tokens":null                             | "max_tokens":100
            capped | "max_tokens":99                               | =
            capped | "max_tokens":100                              | =
            capped | "max_tokens":101                              | "max_tokens":100
            capped | "max_tokens":999999999999999999               | "max_tokens":100
            capped | "max_completion_tokens":5                     | "max_tokens":5
            capped | "max_completion_tokens":500                   | "max_tokens":100
            capped | "max_completion_tokens":500,"max_tokens":50   | "max_tokens":50
            capped | "max_completion_tokens":50,"max_tokens":500   | "max_tokens":50
            capped | "max_tokens":300,"max_completion_tokens":200  | "max_tokens":100
            capped | "max_tokens":null,"max_completion_tokens":200 | "max_tokens":100
            capped | "max_completion_tokens":null                  | + "max_tokens":100
            """)
    void anAliasCapsMaxTokens(String alias, String sent, String received) {
        assertReceived(alias, sent, merged(sent, received));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            deepseek-chat     | "x":1                                                  | + "thinking":{"type":"disabled"}
            deepseek-chat     | "thinking":{"type":"enabled"}                          | "thinking":{"type":"disabled"}
            deepseek-chat     | "thinking":null                                        | "thinking":{"type":"disabled"}
            deepseek-chat     | "thinking":true                                        | "thinking":{"type":"disabled"}
            deepseek-chat     | "thinking":{"x":[1],"type":"disabled"}                 | =
            deepseek-reasoner | "x":1                                                  | + "thinking":{"type":"enabled"}
            deepseek-reasoner | "thinking":{"type":"disabled"}                         | "thinking":{"type":"enabled"}
            deepseek-reasoner | "thinking":{"type":"enabled"}                          | =
            deepseek-reasoner | "thinking":{"type":"enabled"},"reasoning_effort":"max" | =
            deepseek-reasoner | "thinking":{"type":"enabled"},"reasoning_effort":"none" | "thinking":{"type":"enabled"}
            hard              | "x":1                                                  | + "reasoning_effort":"max"
            hard              | "reasoning_effort":"low"                               | "reasoning_effort":"max"
            hard              | "reasoning_effort":null                                | "reasoning_effort":"max"
            quick             | "x":1                                                  | + "thinking":{"type":"disabled"}
            quick             | "thinking":null                                        | "thinking":{"type":"disabled"}
            quick             | "thinking":{"type":"enabled"}                          | =
            quick             | "reasoning_effort":"high"                              | =
            light             | "x":1                                                  | + "reasoning_effort":"low"
            light             | "reasoning_effort":null                                | "reasoning_effort":"low"
            light             | "reasoning_effort":"max"                               | =
            dull              | "x":1                                                  | + "reasoning_effort":"none"
            dull              | "thinking":{"type":"enabled"}                          | =
            """)
    void anAliasForcesOrDefaultsThoughts(String alias, String sent, String received) {
        assertReceived(alias, sent, merged(sent, received));
    }

    @Test
    void theRetiredNamesWorkOutOfTheBox() {
        JsonNode chat = json(post(CHAT, Gateway.SEARCH, chat("deepseek-chat", "\"x\":1")));
        assertThat(chat.at("/choices/0/message").has("reasoning_content")).isFalse();
        assertThat(chat.at("/choices/0/message/content").asString()).isEqualTo("ok");
        JsonNode reasoner =
                json(post(CHAT, Gateway.SEARCH, chat("deepseek-reasoner", "\"reasoning_effort\":\"none\"")));
        assertThat(reasoner.at("/choices/0/message/reasoning_content").asString())
                .isNotEmpty();
    }

    @Test
    void aForcedToolChoiceOutweighsForcedThinking() {
        String members = "\"tool_choice\":\"required\"," + TOOLS;
        assertReceived("deepseek-reasoner", members, members + ",+ \"thinking\":{\"type\":\"disabled\"}");
    }

    @Test
    void anAliasChangesManyThingsAtOnce() {
        String sent = """
                {"max_completion_tokens" : 500,"stream_options":{},"thinking":{"type":"enabled"},"model": "capped" ,\
                "tool_choice":"required",%s,"messages":[{"role":"developer","content":"x"},\
                {"role":"user","content":"y"}],"max_tokens":300}""".formatted(TOOLS);
        HttpResponse<String> answer = post(CHAT, Gateway.SEARCH, sent);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(sandbox.lastRequestBody()).isEqualTo("""
                {"thinking":{"type":"disabled"},"model": "deepseek-flash" ,\
                "tool_choice":"required",%s,"messages":[{"role":"system","content":"x"},\
                {"role":"user","content":"y"}],"max_tokens":100}""".formatted(TOOLS));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            "stream":true                                          | + "stream_options":{"include_usage":true}
            "stream":true,"stream_options":null                    | "stream":true,"stream_options":{"include_usage":true}
            "stream":true,"stream_options":{"include_usage":false} | "stream":true,"stream_options":{"include_usage":true}
            "stream":true,"stream_options":{"include_usage":true}  | =
            "stream":false                                         | =
            """)
    void anUpstreamThatReportsUsageOnlyIfAskedIsAsked(String sent, String received) {
        assertReceived("elsewhere", sent, merged(sent, received));
        assertThat(sandbox.lastRequestHeaders()).containsEntry("authorization", "Bearer sk-vllm");
    }

    @Test
    void anAliasNamesItsSlug() {
        assertThat(json(post(CHAT, Gateway.SEARCH, chat("pro", "\"x\":1")))
                        .path("model")
                        .asString())
                .isEqualTo("deepseek-v4-pro");
        assertThat(sandbox.lastRequestHeaders()).containsEntry("authorization", "Bearer " + Gateway.UPSTREAM_KEY);
    }

    // The other endpoints, in their own words

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            deepseek-chat     | "x":1                                                 | + "reasoning":{"effort":"none"}
            deepseek-chat     | "reasoning":{"effort":"high","summary":"auto"}        | "reasoning":{"effort":"none"}
            deepseek-chat     | "reasoning":null                                      | "reasoning":{"effort":"none"}
            deepseek-reasoner | "x":1                                                 | =
            deepseek-reasoner | "reasoning":{"effort":"low"}                          | =
            deepseek-reasoner | "x":1,"reasoning":{"effort":"none"}                   | "x":1
            hard              | "reasoning":{"effort":"low"}                          | "reasoning":{"effort":"max"}
            hard              | "x":1                                                 | + "reasoning":{"effort":"max"}
            light             | "x":1                                                 | + "reasoning":{"effort":"low"}
            light             | "reasoning":{"effort":"max"}                          | =
            quick             | "x":1                                                 | + "reasoning":{"effort":"none"}
            quick             | "reasoning":{"effort":"low"}                          | =
            capped            | "x":1                                                 | + "max_output_tokens":100
            capped            | "max_output_tokens":500                               | "max_output_tokens":100
            capped            | "max_output_tokens":50,"max_tokens":5                 | =
            deepseek-flash    | "tool_choice":"auto"                                  | =
            deepseek-flash    | "tool_choice":"required"                              | + "reasoning":{"effort":"none"}
            deepseek-flash    | "tool_choice":{"type":"function","name":"f"}          | + "reasoning":{"effort":"none"}
            deepseek-flash    | "tool_choice":"required","reasoning":{"effort":"high"} | "tool_choice":"required","reasoning":{"effort":"none"}
            deepseek-flash    | "tool_choice":"required","reasoning":{"effort":"none"} | =
            """)
    void responsesFollowTheSameRules(String alias, String sent, String received) {
        String input = "\"input\":\"[[say ok]]\"";
        assertReceived("/responses", alias, input, sent, merged(sent, received));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            deepseek-chat     | "x":1                                                    | + "thinking":{"type":"disabled"}
            deepseek-chat     | "thinking":{"type":"enabled","budget_tokens":1024}       | "thinking":{"type":"disabled"}
            deepseek-reasoner | "thinking":{"budget_tokens":1024,"type":"enabled"}       | =
            deepseek-reasoner | "x":1                                                    | + "thinking":{"type":"enabled"}
            deepseek-flash    | "tool_choice":{"type":"auto"}                            | =
            deepseek-flash    | "tool_choice":{"type":"none"}                            | =
            deepseek-flash    | "tool_choice":{"type":"any"}                             | + "thinking":{"type":"disabled"}
            deepseek-flash    | "tool_choice":{"type":"tool","name":"f"}                 | + "thinking":{"type":"disabled"}
            deepseek-flash    | "tool_choice":{"type":"any"},"thinking":{"type":"disabled"} | =
            capped            | "max_tokens":500                                         | "max_tokens":100
            capped            | "max_tokens":50                                          | =
            capped            | "max_tokens":50,"max_completion_tokens":5                | =
            hard              | "x":1                                                    | + "output_config":{"effort":"max"}
            hard              | "output_config":{"effort":"low"}                         | "output_config":{"effort":"max"}
            light             | "x":1                                                    | + "output_config":{"effort":"low"}
            light             | "output_config":{"effort":"high"}                        | =
            dull              | "x":1                                                    | + "thinking":{"type":"disabled"}
            dull              | "thinking":{"type":"enabled"}                            | =
            claude-opus-4-9   | "x":1                                                    | =
            """)
    void messagesFollowTheSameRules(String alias, String sent, String received) {
        assertReceived("/anthropic/messages", alias, SAY_OK, sent, merged(sent, received));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            deepseek-chat  | "tool_choice":"required"                  | =
            capped         | "x":1                                     | + "max_tokens":100
            capped         | "max_tokens":500                          | "max_tokens":100
            wide           | "max_tokens":3000                         | =
            wide           | "x":1                                     | + "max_tokens":4096
            hard           | "response_format":{"type":"json_schema"}  | =
            """)
    void completionsFollowTheSameRules(String alias, String sent, String received) {
        assertReceived("/completions", alias, "\"prompt\":\"[[say ok]]\"", sent, merged(sent, received));
    }

    /** As {@link #assertReceived(String, String, String, String, String)} of chat completions. */
    private static void assertReceived(String alias, String sent, String received) {
        assertReceived(CHAT, alias, SAY_OK, sent, received);
    }

    /** Sends the members before, between and behind the model and the rest, and expects the same of what is received. */
    private static void assertReceived(String path, String alias, String rest, String sent, String received) {
        String slug = alias.equals("pro") || alias.startsWith("claude-opus") ? "deepseek-v4-pro" : "deepseek-flash";
        int plus = received.indexOf("+ ");
        String added = plus < 0 ? "" : received.substring(plus + 2);
        String kept = plus < 0 ? received : received.substring(0, plus).replaceAll(",$", "");
        List<String> before = layouts("\"model\":\"" + alias + "\"", sent, rest);
        List<String> after = layouts("\"model\":\"" + slug + "\"", kept, rest);
        for (int i = 0; i < before.size(); i++) {
            HttpResponse<String> answer = post(path, Gateway.SEARCH, "{" + before.get(i) + "}");
            String wanted = "{" + joined(added, after.get(i)) + "}";
            assertThat(sandbox.lastRequestBody()).as(answer.body()).isEqualTo(wanted);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
    }

    private static List<String> layouts(String model, String members, String rest) {
        return List.of(joined(members, model, rest), joined(model, members, rest), joined(model, rest, members));
    }

    private static String joined(String... members) {
        return Stream.of(members).filter(member -> !member.isEmpty()).collect(Collectors.joining(","));
    }

    /** What a table's last column stands for: = for what was sent, + for that and something more. */
    private static String merged(String sent, String received) {
        if (received.equals("=")) {
            return sent;
        }
        return received.startsWith("+") ? sent + "," + received : received;
    }

    private static void assertSameBytes(String path, String body) {
        HttpResponse<String> answer = post(path, Gateway.SEARCH, body);
        assertThat(sandbox.lastRequestBody()).as(answer.body()).isEqualTo(body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    /** The error of a chat that the gateway refuses without asking the upstream. */
    private static JsonNode assertRefusedHere(String path, String members, int status) {
        long before = sandbox.requests();
        HttpResponse<String> answer = post(path, Gateway.SEARCH, chat("deepseek-flash", members));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(sandbox.requests()).isEqualTo(before);
        return json(answer).path("error");
    }

    private static String chat(String alias, String members) {
        return "{" + joined("\"model\":\"" + alias + "\"", members, SAY_OK) + "}";
    }

    private static HttpResponse<String> post(String path, ApiKey key, String body) {
        HttpResponse<String> answer = gateway.send(
                gateway.request(path, key).POST(BodyPublishers.ofString(body)).build());
        gateway.record();
        return answer;
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(Objects.requireNonNull(answer.body()));
    }
}

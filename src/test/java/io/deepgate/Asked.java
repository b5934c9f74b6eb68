package io.deepgate;

import io.deepgate.relay.TokenUsage;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** What can be asked for: where, in which form, and where in an answer the upstream reports its usage. */
enum Asked {
    CHAT("chat", "data: [DONE]", "/v1/chat/completions", "/chat/completions"),
    BETA_CHAT(
            "chat", "data: [DONE]", "/beta/chat/completions", "/v1/beta/chat/completions", "/beta/v1/chat/completions"),
    COMPLETIONS(
            "text_completion",
            "data: [DONE]",
            "/v1/completions",
            "/completions",
            "/beta/completions",
            "/v1/beta/completions",
            "/beta/v1/completions"),
    RESPONSES("responses", "event: response.completed", "/v1/responses", "/responses"),
    MESSAGES(
            "messages",
            "event: message_stop",
            "/anthropic/v1/messages",
            "/anthropic/messages",
            "/v1/anthropic/messages");

    private static final JsonMapper JSON = JsonMapper.shared();

    private final String operation;
    private final String lastEvent;
    private final List<String> paths;

    Asked(String operation, String lastEvent, String... paths) {
        this.operation = operation;
        this.lastEvent = lastEvent;
        this.paths = List.of(paths);
    }

    /** Its name in records. */
    String operation() {
        return operation;
    }

    /** How the last event of a complete stream begins. */
    String lastEvent() {
        return lastEvent;
    }

    List<String> paths() {
        return paths;
    }

    String path() {
        return paths.getFirst();
    }

    boolean anthropic() {
        return this == MESSAGES;
    }

    /** A request that says {@code said}, of JSON without quotes, and what nobody may repeat. */
    String body(String model, String said, boolean stream) {
        String text = said.contains(Overheard.CANARY) ? said : said + " " + Overheard.CANARY;
        String asked = switch (this) {
            case CHAT, BETA_CHAT -> "\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]";
            case COMPLETIONS -> "\"suffix\":\"}\",\"prompt\":\"" + text + "\"";
            case RESPONSES -> "\"input\":\"" + text + "\"";
            case MESSAGES ->
                "\"max_tokens\":1000,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\""
                        + text + "\"}]}]";
        };
        return "{\"model\":\"" + model + "\"," + asked + (stream ? ",\"stream\":true}" : "}");
    }

    /** The usage that an answer reports, read by a tree. */
    TokenUsage reported(String answer, boolean stream) {
        if (this == MESSAGES) {
            JsonNode prompt = stream
                    ? last(answer, "/message/usage")
                    : JSON.readTree(answer).at("/usage");
            JsonNode completion = stream ? last(answer, "/usage") : prompt;
            return new TokenUsage(
                    prompt.path("cache_read_input_tokens").intValue(),
                    prompt.path("input_tokens").intValue(),
                    completion.path("output_tokens").intValue(),
                    0,
                    false);
        }
        String where = this == RESPONSES && stream ? "/response/usage" : "/usage";
        JsonNode usage = stream ? last(answer, where) : JSON.readTree(answer).at(where);
        String input = this == RESPONSES ? "input_tokens" : "prompt_tokens";
        String output = this == RESPONSES ? "output_tokens" : "completion_tokens";
        int cached = usage.at("/" + input + "_details/cached_tokens").intValue();
        return new TokenUsage(
                cached,
                usage.path(input).intValue() - cached,
                usage.path(output).intValue(),
                usage.at("/" + output + "_details/reasoning_tokens").intValue(),
                false);
    }

    /** What the last event that has an object there says there. */
    private static JsonNode last(String events, String where) {
        return events(events)
                .map(event -> event.at(where))
                .filter(JsonNode::isObject)
                .reduce((earlier, later) -> later)
                .orElse(MissingNode.getInstance());
    }

    /** The JSON of each event that has some. */
    static Stream<JsonNode> events(String stream) {
        return stream.lines().filter(line -> line.startsWith("data: {")).map(line -> JSON.readTree(line.substring(6)));
    }
}

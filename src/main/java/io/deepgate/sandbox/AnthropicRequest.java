package io.deepgate.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a request in Anthropic's format, where Claude's names stand for DeepSeek's models. */
final class AnthropicRequest {

    private static final Set<String> FORCED = Set.of("any", "tool");

    private AnthropicRequest() {}

    static Ask read(JsonNode body) {
        String named = Fields.required(body, "model");
        List<Turn> turns = turns(body);
        boolean thinking = Fields.thinking(body);
        String model = model(named);
        String choice = body.path("tool_choice").path("type").asString("auto");
        if (thinking && FORCED.contains(choice)) {
            throw Refusal.invalid("Thinking mode does not support this tool_choice");
        }
        if (thinking && !body.path("tools").isEmpty()) {
            checkThinking(body.path("messages"));
        }
        boolean calls = turns.getLast().role().equals("user") && !choice.equals("none");
        String wanted = body.path("tool_choice").path("name").asString("");
        String question = Turn.lastOf("user", turns);
        return new Ask(
                model,
                Fields.flag(body, "stream"),
                false,
                thinking,
                Fields.maxTokens(body, "max_tokens", Models.MAX_OUTPUT_TOKENS),
                Fields.stops(body.path("stop_sequences")),
                calls ? Fields.tool(body.path("tools").valueStream(), "input_schema", wanted) : null,
                null,
                Turn.render(body.path("tools"), turns),
                question,
                "",
                Fields.userId(body.path("metadata")),
                Directives.in(question));
    }

    private static String model(String named) {
        if (named.startsWith("claude-opus")) {
            return Models.PRO;
        }
        return named.startsWith("claude") ? Models.FLASH : Models.serving(named);
    }

    private static List<Turn> turns(JsonNode body) {
        JsonNode messages = body.path("messages");
        if (!messages.isArray()) {
            throw Refusal.unreadable("missing field `messages`");
        }
        if (messages.isEmpty()) {
            throw Refusal.invalid("Empty input messages");
        }
        List<Turn> turns = new ArrayList<>();
        if (body.has("system")) {
            turns.add(new Turn("system", Turn.textOf(body.path("system"))));
        }
        for (int i = 0; i < messages.size(); i++) {
            turns.add(turn(messages.path(i), i));
        }
        return turns;
    }

    private static Turn turn(JsonNode message, int index) {
        String role = message.path("role").asString("");
        if (!role.equals("user") && !role.equals("assistant")) {
            throw Refusal.unknownVariant("messages[" + index + "].role", role, "`user` or `assistant`");
        }
        JsonNode content = message.path("content");
        boolean result = content.isArray() && find(content, "tool_result") != null;
        String text = Turn.textOf(content);
        return new Turn(result ? "tool" : role, text.isBlank() && content.isArray() ? content.toString() : text);
    }

    private static void checkThinking(JsonNode messages) {
        for (JsonNode message : messages) {
            if (message.path("role").asString("").equals("assistant")
                    && find(message.path("content"), "thinking") == null) {
                throw Refusal.invalid("The `content[].thinking` in the thinking mode must be passed back to the API.");
            }
        }
    }

    private static @Nullable JsonNode find(JsonNode blocks, String type) {
        return blocks.valueStream()
                .filter(block -> block.path("type").asString("").equals(type))
                .findFirst()
                .orElse(null);
    }
}

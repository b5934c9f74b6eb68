package io.deepgate.sandbox;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a chat completion as DeepSeek does: first what does not deserialise, then what it will not do. */
final class ChatRequest {

    private ChatRequest() {}

    /** @param beta whether it came in under {@code /beta}, where the last message may be the answer's beginning */
    static Ask read(JsonNode body, boolean beta) {
        String named = Fields.required(body, "model");
        if (!body.path("messages").isArray()) {
            throw Refusal.unreadable("missing field `messages`");
        }
        ChatMessages messages = new ChatMessages(body.path("messages"));
        List<Turn> turns = messages.turns();
        boolean thinking = Fields.thinking(body) && Fields.effort(body.path("reasoning_effort"));

        String model = Models.serving(named);
        if (turns.isEmpty()) {
            throw Refusal.invalid("Empty input messages");
        }
        messages.checkImages(model);
        messages.checkPrefix(beta);
        if (thinking && !body.path("tools").isEmpty()) {
            messages.checkReasoning();
        }
        checkOptions(body, thinking);
        String prompt = Turn.render(body.path("tools"), turns);
        String question = Turn.lastOf("user", turns);
        return new Ask(
                model,
                Fields.flag(body, "stream"),
                body.path("stream_options").path("include_usage").asBoolean(false),
                thinking,
                Fields.maxTokens(body, "max_tokens", Models.MAX_OUTPUT_TOKENS),
                Fields.stops(body.path("stop")),
                turns.getLast().role().equals("user") ? tool(body) : null,
                schema(body.path("response_format"), prompt),
                prompt,
                question,
                "",
                Fields.userId(body),
                Directives.in(question));
    }

    private static void checkOptions(JsonNode body, boolean thinking) {
        if (body.path("n").asInt(1) != 1) {
            throw Refusal.invalid("Invalid n value (currently only n = 1 is supported)");
        }
        Fields.checkStreamOptions(body);
        Fields.checkToolChoice(body.path("tool_choice"), thinking);
    }

    private static @Nullable JsonNode schema(JsonNode format, String prompt) {
        return switch (format.path("type").asString("text")) {
            case "text" -> null;
            case "json_object" -> {
                if (!prompt.toLowerCase(Locale.ROOT).contains("json")) {
                    throw Refusal.invalid("Prompt must contain the word 'json' in some form to use 'response_format'"
                            + " of type 'json_object'.");
                }
                yield Json.object();
            }
            case "json_schema" -> throw Refusal.invalid("This response_format type is unavailable now");
            default -> throw Refusal.unreadable("response_format: unknown variant, expected `text` or `json_object`");
        };
    }

    private static Ask.@Nullable Tool tool(JsonNode body) {
        JsonNode choice = body.path("tool_choice");
        if (choice.asString("").equals("none")) {
            return null;
        }
        String wanted = choice.path("function").path("name").asString("");
        return Fields.tool(body.path("tools").valueStream().map(tool -> tool.path("function")), "parameters", wanted);
    }
}

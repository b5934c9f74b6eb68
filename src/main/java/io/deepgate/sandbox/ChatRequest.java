package io.deepgate.sandbox;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a chat completion as DeepSeek does: first what does not deserialise, then what it will not do. */
final class ChatRequest {

    private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool", "latest_reminder");
    private static final Set<String> PARTS = Set.of("text", "image_url");
    private static final Set<String> EFFORTS =
            Set.of("none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra");

    private ChatRequest() {}

    /** @param beta whether it came in under {@code /beta}, where the last message may be the answer's beginning */
    static Ask read(JsonNode body, boolean beta) {
        String named = Fields.required(body, "model");
        if (!body.path("messages").isArray()) {
            throw Refusal.unreadable("missing field `messages`");
        }
        List<Turn> turns = turns(body.path("messages"));
        boolean thinking = thinks(body);

        String model = Models.serving(named);
        if (turns.isEmpty()) {
            throw Refusal.invalid("Empty input messages");
        }
        String prompt = Turn.render(body.path("tools"), turns);
        checkMessages(body, model, thinking, beta);
        checkOptions(body, thinking);
        boolean json = isJson(body, prompt);
        String question = Turn.lastOf("user", turns);
        return new Ask(
                model,
                Fields.flag(body, "stream"),
                body.path("stream_options").path("include_usage").asBoolean(false),
                thinking,
                Fields.maxTokens(body, "max_tokens", Models.MAX_OUTPUT_TOKENS),
                Fields.stops(body.path("stop")),
                turns.getLast().role().equals("user") ? tool(body) : null,
                json,
                prompt,
                question,
                Fields.userId(body),
                Directives.in(question));
    }

    private static List<Turn> turns(JsonNode messages) {
        for (int i = 0; i < messages.size(); i++) {
            String role = messages.path(i).path("role").asString("");
            if (!ROLES.contains(role)) {
                throw Refusal.unknownVariant(
                        "messages[" + i + "].role",
                        role,
                        "one of `system`, `user`, `assistant`, `tool`, `latest_reminder`");
            }
            for (JsonNode part : messages.path(i).path("content")) {
                String type = part.path("type").asString("");
                if (!PARTS.contains(type)) {
                    throw Refusal.unknownVariant("messages[" + i + "].content", type, "`text` or `image_url`");
                }
            }
        }
        return messages.valueStream()
                .map(message -> new Turn(message.path("role").stringValue(), text(message)))
                .toList();
    }

    private static String text(JsonNode message) {
        String calls = message.has("tool_calls") ? message.path("tool_calls").toString() : "";
        return message.path("reasoning_content").asString("") + Turn.textOf(message.path("content")) + calls;
    }

    private static boolean thinks(JsonNode body) {
        JsonNode effort = body.path("reasoning_effort");
        if (effort.isString() && !EFFORTS.contains(effort.stringValue())) {
            throw Refusal.unreadable("reasoning_effort: unknown variant `" + effort.stringValue()
                    + "`, expected one of `none`, `low`, `medium`, `high`, `xhigh`, `max`");
        }
        return Fields.thinking(body) && !effort.asString("").equals("none");
    }

    private static void checkMessages(JsonNode body, String model, boolean thinking, boolean beta) {
        JsonNode messages = body.path("messages");
        for (int i = 0; i < messages.size(); i++) {
            JsonNode message = messages.path(i);
            boolean prefix = message.path("prefix").asBoolean(false);
            if (prefix && !beta) {
                throw Refusal.invalid("prefix is only available when using beta api (set base_url=\"…/beta\")");
            }
            if (prefix && i + 1 < messages.size()) {
                throw Refusal.invalid("prefix is only allowed on the last message");
            }
            for (JsonNode part : message.path("content")) {
                if (model.equals(Models.PRO) && part.path("type").asString("").equals("image_url")) {
                    throw Refusal.unknownVariant("messages[" + i + "].content", "image_url", "`text`");
                }
            }
            if (thinking
                    && !prefix
                    && !body.path("tools").isEmpty()
                    && message.path("role").asString("").equals("assistant")
                    && !message.path("reasoning_content").isString()) {
                throw Refusal.invalid("The `reasoning_content` in the thinking mode must be passed back to the API.");
            }
        }
    }

    private static void checkOptions(JsonNode body, boolean thinking) {
        if (body.path("n").asInt(1) != 1) {
            throw Refusal.invalid("Invalid n value (currently only n = 1 is supported)");
        }
        if (body.path("stream_options").isObject() && !Fields.flag(body, "stream")) {
            throw Refusal.invalid("stream_options should be set along with stream = true");
        }
        JsonNode choice = body.path("tool_choice");
        if (thinking && (choice.isObject() || choice.asString("").equals("required"))) {
            throw Refusal.invalid("Thinking mode does not support this tool_choice");
        }
    }

    private static boolean isJson(JsonNode body, String prompt) {
        return switch (body.path("response_format").path("type").asString("text")) {
            case "text" -> false;
            case "json_object" -> {
                if (!prompt.toLowerCase(Locale.ROOT).contains("json")) {
                    throw Refusal.invalid("Prompt must contain the word 'json' in some form to use 'response_format'"
                            + " of type 'json_object'.");
                }
                yield true;
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
        return body.path("tools")
                .valueStream()
                .map(tool -> tool.path("function"))
                .map(function -> new Ask.Tool(function.path("name").asString(""), function.path("parameters")))
                .filter(tool -> wanted.isEmpty() || tool.name().equals(wanted))
                .findFirst()
                .orElse(null);
    }
}

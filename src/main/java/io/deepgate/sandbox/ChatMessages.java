package io.deepgate.sandbox;

import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The messages of a chat completion: their turns, and what DeepSeek demands of them. */
record ChatMessages(JsonNode list) {

    private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool", "latest_reminder");
    private static final Set<String> PARTS = Set.of("text", "image_url");

    /** Refuses roles and content parts that do not deserialise. */
    List<Turn> turns() {
        for (int i = 0; i < list.size(); i++) {
            String role = role(list.path(i));
            if (!ROLES.contains(role)) {
                throw Refusal.unknownVariant(
                        "messages[" + i + "].role",
                        role,
                        "one of `system`, `user`, `assistant`, `tool`, `latest_reminder`");
            }
            for (JsonNode part : list.path(i).path("content")) {
                String type = part.path("type").asString("");
                if (!PARTS.contains(type)) {
                    throw Refusal.unknownVariant("messages[" + i + "].content", type, "`text` or `image_url`");
                }
            }
        }
        return list.valueStream()
                .map(message -> new Turn(role(message), text(message)))
                .toList();
    }

    /** Only one of the models sees. */
    void checkImages(String model) {
        for (int i = 0; i < list.size(); i++) {
            for (JsonNode part : list.path(i).path("content")) {
                if (model.equals(Models.PRO) && part.path("type").asString("").equals("image_url")) {
                    throw Refusal.unknownVariant("messages[" + i + "].content", "image_url", "`text`");
                }
            }
        }
    }

    void checkPrefix(boolean beta) {
        for (int i = 0; i < list.size(); i++) {
            if (isPrefix(list.path(i)) && !beta) {
                throw Refusal.invalid("prefix is only available when using beta api"
                        + " (set base_url=\"https://api.deepseek.com/beta\")");
            }
            if (isPrefix(list.path(i)) && i + 1 < list.size()) {
                throw Refusal.invalid("prefix is only allowed on the last message");
            }
        }
    }

    /** Where there are tools, a thinking model wants all of its thoughts back. */
    void checkReasoning() {
        for (JsonNode message : list) {
            if (role(message).equals("assistant")
                    && !isPrefix(message)
                    && !message.path("reasoning_content").isString()) {
                throw Refusal.invalid("The `reasoning_content` in the thinking mode must be passed back to the API.");
            }
        }
    }

    private static String role(JsonNode message) {
        return message.path("role").asString("");
    }

    private static boolean isPrefix(JsonNode message) {
        return message.path("prefix").asBoolean(false);
    }

    private static String text(JsonNode message) {
        String calls = message.has("tool_calls") ? message.path("tool_calls").toString() : "";
        return message.path("reasoning_content").asString("") + Turn.textOf(message.path("content")) + calls;
    }
}

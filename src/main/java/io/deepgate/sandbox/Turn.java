package io.deepgate.sandbox;

import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** One message of a conversation, whatever the format it came in. */
record Turn(String role, String text) {

    /** Text of a content field: a string, or the text parts of a list. */
    static String textOf(JsonNode content) {
        if (content.isString()) {
            return content.stringValue();
        }
        return content.valueStream().map(part -> part.path("text").asString("")).collect(Collectors.joining("\n"));
    }

    static String lastOf(String role, List<Turn> turns) {
        return turns.reversed().stream()
                .filter(turn -> turn.role.equals(role))
                .map(Turn::text)
                .findFirst()
                .orElse("");
    }

    /** What the model is given to read; only its length and its beginnings matter here. */
    static String render(JsonNode tools, List<Turn> turns) {
        StringBuilder prompt = new StringBuilder(tools.isMissingNode() ? "" : tools.toString());
        turns.forEach(turn -> prompt.append("<|").append(turn.role).append("|>").append(turn.text));
        return prompt.toString();
    }
}

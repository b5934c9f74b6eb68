package io.deepgate.sandbox;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a Responses request; there is no state, so each brings all of its conversation along. */
final class ResponsesRequest {

    private ResponsesRequest() {}

    static Ask read(JsonNode body) {
        String named = Fields.required(body, "model");
        List<Turn> turns = turns(body);
        boolean thinking = Fields.effort(body.path("reasoning").path("effort")) && Fields.thinking(body);
        String model = Models.serving(named);
        if (body.path("previous_response_id").isString()) {
            throw Refusal.invalid("previous_response_id is not supported: the Responses API is stateless");
        }
        Fields.checkToolChoice(body.path("tool_choice"), thinking);
        String question = Turn.lastOf("user", turns);
        return new Ask(
                model,
                Fields.flag(body, "stream"),
                false,
                thinking,
                Fields.maxTokens(body, "max_output_tokens", Models.MAX_OUTPUT_TOKENS),
                List.of(),
                turns.getLast().role().equals("user") ? tool(body) : null,
                schema(body.path("text").path("format")),
                Turn.render(body.path("tools"), turns),
                question,
                "",
                Fields.userId(body),
                Directives.in(question));
    }

    private static List<Turn> turns(JsonNode body) {
        JsonNode input = body.path("input");
        List<Turn> turns = new ArrayList<>();
        if (body.path("instructions").isString()) {
            turns.add(new Turn("system", body.path("instructions").stringValue()));
        }
        if (input.isString()) {
            turns.add(new Turn("user", input.stringValue()));
        } else if (input.isArray() && !input.isEmpty()) {
            input.forEach(item -> turns.add(turn(item)));
        } else {
            throw Refusal.unreadable("missing field `input`");
        }
        return turns;
    }

    private static Turn turn(JsonNode item) {
        return switch (item.path("type").asString("message")) {
            case "message" -> new Turn(Fields.required(item, "role"), Turn.textOf(item.path("content")));
            case "function_call" -> new Turn("assistant", item.path("arguments").asString(""));
            case "function_call_output" -> new Turn("tool", Turn.textOf(item.path("output")));
            default -> new Turn("assistant", Turn.textOf(item.path("content")));
        };
    }

    private static @Nullable JsonNode schema(JsonNode format) {
        return switch (format.path("type").asString("text")) {
            case "json_object" -> Json.object();
            case "json_schema" -> format.path("schema");
            default -> null;
        };
    }

    private static Ask.@Nullable Tool tool(JsonNode body) {
        JsonNode choice = body.path("tool_choice");
        if (choice.asString("").equals("none")) {
            return null;
        }
        return Fields.tool(
                body.path("tools").valueStream(),
                "parameters",
                choice.path("name").asString(""));
    }
}

package io.deepgate.sandbox;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Fields that several request formats share. */
final class Fields {

    private static final Pattern USER_ID = Pattern.compile("[A-Za-z0-9_-]{1,512}");

    private static final Set<String> EFFORTS =
            Set.of("none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra");

    private Fields() {}

    static String required(JsonNode body, String field) {
        if (!body.path(field).isString()) {
            throw Refusal.unreadable("missing field `" + field + "`");
        }
        return body.path(field).stringValue();
    }

    static boolean flag(JsonNode body, String field) {
        JsonNode flag = body.path(field);
        if (!flag.isMissingNode() && !flag.isNull() && !flag.isBoolean()) {
            throw Refusal.unreadable(field + ": invalid type, expected a boolean");
        }
        return flag.asBoolean(false);
    }

    /** Thinking is on unless it is switched off. */
    static boolean thinking(JsonNode body) {
        JsonNode thinking = body.path("thinking");
        if (thinking.isMissingNode() || thinking.isNull()) {
            return true;
        }
        if (!thinking.isObject()) {
            throw Refusal.unreadable("thinking: invalid type: %s, expected struct ThinkingOptions".formatted(thinking));
        }
        return switch (thinking.path("type").asString("")) {
            case "enabled", "adaptive" -> true;
            case "disabled" -> false;
            default -> throw Refusal.unreadable("thinking.type: unknown variant, expected `enabled` or `disabled`");
        };
    }

    /** Whether an effort leaves thinking on. */
    static boolean effort(JsonNode effort) {
        if (effort.isString() && !EFFORTS.contains(effort.stringValue())) {
            throw Refusal.unreadable("reasoning_effort: unknown variant `" + effort.stringValue()
                    + "`, expected one of `none`, `low`, `medium`, `high`, `xhigh`, `max`");
        }
        return !effort.asString("").equals("none");
    }

    static void checkStreamOptions(JsonNode body) {
        if (body.path("stream_options").isObject() && !flag(body, "stream")) {
            throw Refusal.invalid("stream_options should be set along with stream = true");
        }
    }

    /** A thinking model cannot be forced to call. */
    static void checkToolChoice(JsonNode choice, boolean thinking) {
        if (thinking && (choice.isObject() || choice.asString("").equals("required"))) {
            throw Refusal.invalid("Thinking mode does not support this tool_choice");
        }
    }

    /** The wanted function, or the first when none is wanted in particular. */
    static Ask.@Nullable Tool tool(Stream<JsonNode> functions, String parameters, String wanted) {
        return functions
                .map(function -> new Ask.Tool(function.path("name").asString(""), function.path(parameters)))
                .filter(tool -> wanted.isEmpty() || tool.name().equals(wanted))
                .findFirst()
                .orElse(null);
    }

    static int maxTokens(JsonNode body, String field, int limit) {
        JsonNode tokens = body.path(field);
        if (tokens.isMissingNode() || tokens.isNull()) {
            return limit;
        }
        if (!tokens.isIntegralNumber()) {
            throw Refusal.unreadable(field + ": invalid type, expected u32");
        }
        if (tokens.longValue() < 1 || tokens.longValue() > limit) {
            throw Refusal.invalid("Invalid %s value, the valid range of %s is [1, %d]".formatted(field, field, limit));
        }
        return tokens.intValue();
    }

    static List<String> stops(JsonNode stop) {
        return stop.isString()
                ? List.of(stop.stringValue())
                : stop.valueStream().map(text -> text.asString("")).toList();
    }

    static String userId(JsonNode body) {
        String userId = body.path("user_id").asString("");
        if (!userId.isEmpty() && !USER_ID.matcher(userId).matches()) {
            throw Refusal.invalid("Invalid user_id: at most 512 of the characters [A-Za-z0-9_-]");
        }
        return userId;
    }
}

package io.deepgate.shadow;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What can be said of an answer without keeping it; null for what was not asked for.
 *
 * @param characters how long its text is
 * @param json whether it is JSON, where that was asked for
 * @param schema whether it fits the schema that the request gave
 * @param tools the tools that it calls, in their order
 * @param known whether all of them are tools of the request
 * @param arguments whether their arguments fit the tools' schemas
 * @param refusal whether it sounds like one
 */
record Examined(
        int characters,
        @Nullable Boolean json,
        @Nullable Boolean schema,
        List<String> tools,
        @Nullable Boolean known,
        @Nullable Boolean arguments,
        boolean refusal) {

    private static final int BEGINNING = 200;
    private static final Pattern REFUSAL = Pattern.compile(
            "\\b(i['’]?m|i am) (sorry|unable|not able)\\b|\\bi (can['’]?t|cannot|won['’]?t|will not|must decline)\\b"
                    + "|\\bas an ai\\b|抱歉|我不能|我无法");

    static Examined of(JsonNode request, ChatAnswer answer) {
        String kind = request.at("/response_format/type").asString("");
        boolean wantsJson = kind.equals("json_object") || kind.equals("json_schema");
        JsonNode json = wantsJson ? parsed(answer.text()) : null;
        JsonNode schema = request.at("/response_format/json_schema/schema");
        Map<String, JsonNode> tools = new HashMap<>();
        request.path("tools")
                .valueStream()
                .map(tool -> tool.path("function"))
                .forEach(tool -> tools.put(tool.path("name").asString(""), tool.path("parameters")));
        List<ChatAnswer.Tool> called = answer.tools();
        boolean judged = !tools.isEmpty() && !called.isEmpty();
        boolean known = called.stream().allMatch(tool -> tools.containsKey(tool.name()));
        String beginning = answer.text()
                .substring(0, Math.min(BEGINNING, answer.text().length()))
                .toLowerCase(Locale.ROOT);
        return new Examined(
                answer.text().length(),
                wantsJson ? isDocument(json) : null,
                (wantsJson && isChecked(schema)) ? fits(json, schema) : null,
                called.stream().map(ChatAnswer.Tool::name).toList(),
                judged ? known : null,
                (judged && known) ? called.stream().allMatch(tool -> fitsArguments(tool, tools)) : null,
                REFUSAL.matcher(beginning).find());
    }

    private static @Nullable JsonNode parsed(String text) {
        try {
            return JsonMapper.shared().readTree(text);
        } catch (JacksonException e) {
            return null;
        }
    }

    /** Schemas are the caller's: one with regular expressions could keep us busy for as long as it likes. */
    private static boolean isChecked(JsonNode schema) {
        return schema.isObject() && !schema.toString().contains("\"pattern");
    }

    private static boolean isDocument(@Nullable JsonNode json) {
        return json != null && json.isContainer();
    }

    private static boolean fitsArguments(ChatAnswer.Tool tool, Map<String, JsonNode> tools) {
        JsonNode arguments = parsed(tool.arguments());
        JsonNode schema = tools.get(tool.name());
        return arguments != null && (schema == null || !isChecked(schema) || fits(arguments, schema));
    }

    private static boolean fits(@Nullable JsonNode document, JsonNode schema) {
        if (document == null) {
            return false;
        }
        try {
            // Made for each: it keeps all schemas that it has seen.
            Schema known = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(schema);
            return known.validate(document).isEmpty();
        } catch (SchemaException e) {
            // A schema that is none, no answer can fail.
            return true;
        }
    }
}

package io.deepgate.sandbox;

import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The call of a function.
 *
 * @param arguments a JSON object, in the fragments it is streamed in
 */
record ToolCall(String id, String name, List<String> arguments) {

    static ToolCall of(Ask.Tool tool, Random random) {
        String id = "call_00_" + Long.toString(random.nextLong(Long.MAX_VALUE), 36);
        return new ToolCall(
                id, tool.name(), Tokens.split(arguments(tool.parameters()).toString()));
    }

    /** The arguments a schema asks for: the required ones, or all when none is required. */
    private static ObjectNode arguments(JsonNode schema) {
        ObjectNode arguments = Json.object();
        JsonNode required = schema.path("required");
        schema.path("properties").propertyStream().forEach(property -> {
            if (required.isEmpty()
                    || required.valueStream().anyMatch(name -> name.asString("").equals(property.getKey()))) {
                put(arguments, property.getKey(), property.getValue());
            }
        });
        return arguments;
    }

    private static void put(ObjectNode arguments, String name, JsonNode schema) {
        if (!schema.path("enum").isEmpty()) {
            arguments.set(name, schema.path("enum").path(0));
            return;
        }
        switch (schema.path("type").asString("string")) {
            case "integer" -> arguments.put(name, 1);
            case "number" -> arguments.put(name, 1.5);
            case "boolean" -> arguments.put(name, true);
            case "array" -> arguments.set(name, Json.array());
            case "object" -> arguments.set(name, arguments(schema));
            default -> arguments.put(name, "sandbox");
        }
    }

    String json() {
        return String.join("", arguments);
    }
}

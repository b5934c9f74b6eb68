package io.deepgate.sandbox;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes up objects that fit a JSON schema. */
final class Example {

    private Example() {}

    /** With the required properties, or with all when none is required. */
    static ObjectNode of(JsonNode schema) {
        ObjectNode example = Json.object();
        schema.path("properties").propertyStream().forEach(property -> {
            if (isRequired(property.getKey(), schema.path("required"))) {
                put(example, property.getKey(), property.getValue());
            }
        });
        return example;
    }

    private static boolean isRequired(String name, JsonNode required) {
        return required.isEmpty()
                || required.valueStream().anyMatch(one -> one.asString("").equals(name));
    }

    private static void put(ObjectNode example, String name, JsonNode schema) {
        if (!schema.path("enum").isEmpty()) {
            example.set(name, schema.path("enum").path(0));
            return;
        }
        switch (schema.path("type").asString("string")) {
            case "integer" -> example.put(name, 1);
            case "number" -> example.put(name, 1.5);
            case "boolean" -> example.put(name, true);
            case "array" -> example.set(name, Json.array());
            case "object" -> example.set(name, of(schema));
            default -> example.put(name, "sandbox");
        }
    }
}

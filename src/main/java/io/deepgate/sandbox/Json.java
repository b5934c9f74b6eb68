package io.deepgate.sandbox;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON trees, read with DeepSeek's complaints. */
final class Json {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Json() {}

    static JsonNode read(String body) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(body);
        } catch (JacksonException e) {
            throw Refusal.invalid("Failed to parse the request body as JSON: " + e.getOriginalMessage());
        }
        if (!tree.isObject()) {
            throw Refusal.unreadable("invalid type, expected a map");
        }
        return tree;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array(JsonNode... elements) {
        return JsonNodeFactory.instance.arrayNode().addAll(List.of(elements));
    }
}

package io.deepgate.sandbox;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The call of a function.
 *
 * @param arguments a JSON object, in the fragments it is streamed in
 */
record ToolCall(String id, String name, List<String> arguments) {

    static ToolCall of(Ask.Tool tool, RandomGenerator random) {
        String id = "call_00_" + Long.toString(random.nextLong(Long.MAX_VALUE), 36);
        return new ToolCall(
                id, tool.name(), Tokens.split(Example.of(tool.parameters()).toString()));
    }

    ToolCall with(List<String> arguments) {
        return new ToolCall(id, name, arguments);
    }

    String json() {
        return String.join("", arguments);
    }
}

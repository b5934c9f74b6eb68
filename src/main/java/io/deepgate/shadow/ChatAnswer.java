package io.deepgate.shadow;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a chat completion says, put together from one document or from the events of a stream. */
record ChatAnswer(String text, List<Tool> tools) {

    record Tool(String name, String arguments) {}

    private static final String DATA = "data:";

    /** One tool call of a stream as it grows. */
    private static final class Growing {
        private final StringBuilder name = new StringBuilder();
        private final StringBuilder arguments = new StringBuilder();
    }

    /** Reads the bytes of an answer; null if they are none. */
    static @Nullable ChatAnswer of(byte[] answer, boolean stream) {
        StringBuilder text = new StringBuilder();
        Map<Integer, Growing> tools = new TreeMap<>();
        try {
            String all = new String(answer, StandardCharsets.UTF_8);
            if (stream) {
                all.lines()
                        .filter(line -> line.startsWith(DATA))
                        .map(line -> line.substring(DATA.length()).strip())
                        .filter(data -> data.startsWith("{"))
                        .forEach(data -> add(JsonMapper.shared().readTree(data).at("/choices/0/delta"), text, tools));
            } else {
                add(JsonMapper.shared().readTree(all).at("/choices/0/message"), text, tools);
            }
        } catch (JacksonException e) {
            return null;
        }
        return answer.length == 0 ? null : new ChatAnswer(text.toString(), called(tools));
    }

    private static void add(JsonNode part, StringBuilder text, Map<Integer, Growing> tools) {
        text.append(part.path("content").asString(""));
        int at = 0;
        for (JsonNode call : part.path("tool_calls")) {
            Growing tool = tools.computeIfAbsent(call.path("index").asInt(at++), index -> new Growing());
            tool.name.append(call.at("/function/name").asString(""));
            tool.arguments.append(call.at("/function/arguments").asString(""));
        }
    }

    private static List<Tool> called(Map<Integer, Growing> tools) {
        List<Tool> called = new ArrayList<>();
        tools.values().forEach(tool -> called.add(new Tool(tool.name.toString(), tool.arguments.toString())));
        return called;
    }
}

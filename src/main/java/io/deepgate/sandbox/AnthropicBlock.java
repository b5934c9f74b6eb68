package io.deepgate.sandbox;

import io.deepgate.sandbox.Part.Kind;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A content block of Anthropic's: thinking, text or the use of a tool. */
final class AnthropicBlock {

    private static final String SIGNATURE = "sandbox";

    private AnthropicBlock() {}

    static ObjectNode start(Part part, @Nullable ToolCall call) {
        return switch (part.kind()) {
            case REASONING -> block("thinking").put("thinking", "").put("signature", "");
            case CONTENT -> block("text").put("text", "");
            case CALL -> use(call);
        };
    }

    static ObjectNode whole(Part part, @Nullable ToolCall call) {
        return switch (part.kind()) {
            case REASONING -> block("thinking").put("thinking", part.text()).put("signature", SIGNATURE);
            case CONTENT -> block("text").put("text", part.text());
            case CALL -> {
                ObjectNode use = use(call);
                // Arguments that max_tokens cut off are no JSON any more.
                use.set("input", call == null || !call.json().endsWith("}") ? Json.object() : Json.read(call.json()));
                yield use;
            }
        };
    }

    static ObjectNode delta(Kind kind, String text) {
        return switch (kind) {
            case REASONING -> block("thinking_delta").put("thinking", text);
            case CONTENT -> block("text_delta").put("text", text);
            case CALL -> block("input_json_delta").put("partial_json", text);
        };
    }

    static ObjectNode signature() {
        return block("signature_delta").put("signature", SIGNATURE);
    }

    private static ObjectNode use(@Nullable ToolCall call) {
        ObjectNode use = block("tool_use");
        if (call != null) {
            use.put("id", call.id()).put("name", call.name());
        }
        use.putObject("input");
        return use;
    }

    private static ObjectNode block(String type) {
        return Json.object().put("type", type);
    }
}

package io.deepgate.sandbox;

import io.deepgate.sandbox.Part.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import tools.jackson.databind.node.ObjectNode;

/** An item of a response's output: reasoning, a message, or a function call. */
record ResponsesItem(
        String id, int index, Part part, @Nullable ToolCall call) {

    static List<ResponsesItem> of(Answer answer) {
        List<ResponsesItem> items = new ArrayList<>();
        for (Part part : answer.parts()) {
            UUID id = new UUID(
                    answer.id().getMostSignificantBits(), answer.id().getLeastSignificantBits() ^ items.size() + 1);
            items.add(new ResponsesItem(
                    id.toString(), items.size(), part, part.kind() == Kind.CALL ? answer.call() : null));
        }
        return items;
    }

    Flux<ObjectNode> events() {
        String stem = "response." + stem();
        Flux<ObjectNode> added = Flux.just(item("added", item("in_progress", "")));
        Flux<ObjectNode> deltas = Flux.fromIterable(part.tokens())
                .map(text -> event(stem + ".delta").put("delta", text));
        Flux<ObjectNode> done = Flux.defer(
                () -> Flux.just(event(stem + ".done").put(call == null ? "text" : "arguments", part.text())));
        Flux<ObjectNode> ended = Flux.defer(() -> Flux.just(item("done", done())));
        if (call != null) {
            return Flux.concat(added, deltas, done, ended);
        }
        Flux<ObjectNode> partAdded = Flux.just(contentPart("added", ""));
        Flux<ObjectNode> partDone = Flux.defer(() -> Flux.just(contentPart("done", part.text())));
        return Flux.concat(added, partAdded, deltas, done, partDone, ended);
    }

    ObjectNode done() {
        return item("completed", part.text());
    }

    private ObjectNode item(String status, String text) {
        ObjectNode item = Json.object().put("id", id).put("status", status);
        if (call != null) {
            return item.put("type", "function_call")
                    .put("call_id", call.id())
                    .put("name", call.name())
                    .put("arguments", text);
        }
        if (part.kind() == Kind.REASONING) {
            item.put("type", "reasoning").putArray("summary");
        } else {
            item.put("type", "message").put("role", "assistant");
        }
        item.set("content", text.isEmpty() ? Json.array() : Json.array(content(text)));
        return item;
    }

    private ObjectNode content(String text) {
        if (part.kind() == Kind.REASONING) {
            return Json.object().put("type", "reasoning_text").put("text", text);
        }
        ObjectNode content = Json.object().put("type", "output_text").put("text", text);
        content.putArray("annotations");
        return content;
    }

    private ObjectNode contentPart(String change, String text) {
        ObjectNode event = event("response.content_part." + change);
        event.set("part", content(text));
        return event;
    }

    private ObjectNode event(String type) {
        ObjectNode event = Json.object().put("type", type).put("item_id", id).put("output_index", index);
        return call == null ? event.put("content_index", 0) : event;
    }

    private ObjectNode item(String change, ObjectNode item) {
        ObjectNode event =
                Json.object().put("type", "response.output_item." + change).put("output_index", index);
        event.set("item", item);
        return event;
    }

    private String stem() {
        return switch (part.kind()) {
            case REASONING -> "reasoning_text";
            case CONTENT -> "output_text";
            case CALL -> "function_call_arguments";
        };
    }
}

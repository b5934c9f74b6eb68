package io.deepgate.sandbox;

import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Responses: numbered events with names, one item after the other, and no [DONE]. */
final class ResponsesFormat implements Format {

    private static final Map<String, String> INCOMPLETE =
            Map.of("length", "max_output_tokens", "content_filter", "content_filter");
    private static final List<String> FAILED = List.of("insufficient_system_resource", "aborted");

    @Override
    public Flux<Frame> events(Answer answer) {
        List<ResponsesItem> items = ResponsesItem.of(answer);
        ObjectNode begun = envelope(answer, "in_progress");
        Flux<ObjectNode> opening =
                Flux.just("response.created", "response.in_progress").map(type -> withResponse(type, begun));
        Flux<ObjectNode> said = Flux.fromIterable(items).concatMap(ResponsesItem::events);
        Flux<ObjectNode> closing =
                Flux.defer(() -> Flux.just(withResponse("response." + status(answer), whole(answer))));
        return Flux.concat(opening, said, closing).index(ResponsesFormat::frame);
    }

    @Override
    public ObjectNode whole(Answer answer) {
        ObjectNode response = envelope(answer, status(answer));
        ArrayNode output = response.putArray("output");
        ResponsesItem.of(answer).forEach(item -> output.add(item.done()));
        String reason = INCOMPLETE.get(answer.finish());
        if (reason != null) {
            response.putObject("incomplete_details").put("reason", reason);
        }
        if (FAILED.contains(answer.finish())) {
            response.putObject("error").put("code", "server_error").put("message", answer.finish());
        }
        Usage usage = answer.reportedUsage();
        if (usage != null) {
            response.set("usage", usage(usage));
        }
        return response;
    }

    @Override
    public JsonNode refusal(Refusal refusal) {
        return Envelope.error(refusal);
    }

    private static ObjectNode envelope(Answer answer, String status) {
        ObjectNode response = Json.object()
                .put("id", answer.id().toString())
                .put("object", "response")
                .put("created_at", answer.created())
                .put("status", status)
                .putNull("error")
                .putNull("incomplete_details")
                .putNull("instructions")
                .put("model", answer.ask().model())
                .put("parallel_tool_calls", true)
                .putNull("previous_response_id")
                .put("store", false)
                .put("temperature", 1.0)
                .put("tool_choice", "auto")
                .put("top_p", 1.0)
                .putNull("usage");
        response.putObject("metadata");
        response.putArray("tools");
        response.putArray("output");
        return response;
    }

    private static String status(Answer answer) {
        if (FAILED.contains(answer.finish())) {
            return "failed";
        }
        return INCOMPLETE.containsKey(answer.finish()) ? "incomplete" : "completed";
    }

    private static ObjectNode usage(Usage usage) {
        ObjectNode node = Json.object().put("input_tokens", usage.prompt());
        node.putObject("input_tokens_details").put("cached_tokens", usage.cached());
        node.put("output_tokens", usage.completion());
        node.putObject("output_tokens_details").put("reasoning_tokens", usage.reasoning());
        return node.put("total_tokens", usage.total());
    }

    private static ObjectNode withResponse(String type, ObjectNode response) {
        ObjectNode event = Json.object().put("type", type);
        event.set("response", response);
        return event;
    }

    private static Frame frame(long number, ObjectNode event) {
        String type = event.path("type").stringValue();
        String text = "event: " + type + "\ndata: " + event.put("sequence_number", number) + "\n\n";
        return new Frame(text, type.endsWith(".delta"));
    }
}

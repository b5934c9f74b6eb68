package io.deepgate.sandbox;

import io.deepgate.sandbox.Part.Kind;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Anthropic's messages: blocks that start, grow and stop, with usage at both ends. */
final class AnthropicFormat implements Format {

    @Override
    public Key key(HttpHeaders headers) {
        return headers.contains("authorization") ? Key.bearer(headers) : Key.in(headers, "x-api-key");
    }

    @Override
    public Flux<Frame> events(Answer answer) {
        ObjectNode start = event("message_start");
        start.set("message", message(answer, null, 0));
        Flux<ObjectNode> blocks = Flux.fromIterable(answer.parts())
                .index()
                .concatMap(part -> block(part.getT1(), part.getT2(), answer.call()));
        ObjectNode delta = event("message_delta");
        delta.putObject("delta").put("stop_reason", stopReason(answer)).putNull("stop_sequence");
        putUsage(delta, answer, answer.usage().completion());
        return Flux.concat(Flux.just(start), blocks, Flux.just(delta, event("message_stop")))
                .map(AnthropicFormat::frame);
    }

    @Override
    public JsonNode whole(Answer answer) {
        ObjectNode message = message(answer, stopReason(answer), answer.usage().completion());
        ArrayNode content = message.putArray("content");
        answer.parts().forEach(part -> content.add(AnthropicBlock.whole(part, answer.call())));
        return message;
    }

    @Override
    public JsonNode refusal(Refusal refusal) {
        String type = switch (refusal.status()) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 404 -> "not_found_error";
            case 429 -> "rate_limit_error";
            case 500 -> "api_error";
            case 503 -> "overloaded_error";
            default -> "invalid_request_error";
        };
        ObjectNode refused = event("error");
        refused.putObject("error").put("type", type).put("message", refusal.message());
        return refused;
    }

    @Override
    public String keepAlive() {
        return frame(event("ping")).text();
    }

    private static Flux<ObjectNode> block(long index, Part part, @Nullable ToolCall call) {
        ObjectNode start = event("content_block_start").put("index", index);
        start.set("content_block", AnthropicBlock.start(part, call));
        Flux<ObjectNode> deltas = Flux.fromIterable(part.tokens()).map(text -> AnthropicBlock.delta(part.kind(), text));
        List<ObjectNode> signature = part.kind() == Kind.REASONING ? List.of(AnthropicBlock.signature()) : List.of();
        return Flux.concat(
                Flux.just(start),
                deltas.concatWith(Flux.fromIterable(signature)).map(delta -> {
                    ObjectNode event = event("content_block_delta").put("index", index);
                    event.set("delta", delta);
                    return event;
                }),
                Flux.just(event("content_block_stop").put("index", index)));
    }

    private static ObjectNode message(Answer answer, @Nullable String stopReason, int outputTokens) {
        ObjectNode message = Json.object()
                .put("id", answer.id().toString())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", answer.ask().model())
                .put("stop_reason", stopReason)
                .putNull("stop_sequence");
        message.putArray("content");
        putUsage(message, answer, outputTokens);
        return message;
    }

    /** Anthropic's input tokens are those that did not come from the cache. */
    private static void putUsage(ObjectNode node, Answer answer, int outputTokens) {
        Usage usage = answer.reportedUsage();
        if (usage != null) {
            node.putObject("usage")
                    .put("input_tokens", usage.prompt() - usage.cached())
                    .put("cache_creation_input_tokens", 0)
                    .put("cache_read_input_tokens", usage.cached())
                    .put("output_tokens", outputTokens);
        }
    }

    private static String stopReason(Answer answer) {
        return switch (answer.finish()) {
            case "stop" -> "end_turn";
            case "length" -> "max_tokens";
            case "tool_calls" -> "tool_use";
            case "content_filter" -> "refusal";
            default -> answer.finish();
        };
    }

    private static ObjectNode event(String type) {
        return Json.object().put("type", type);
    }

    private static Frame frame(ObjectNode event) {
        String text = "event: " + event.path("type").stringValue() + "\ndata: " + event + "\n\n";
        String delta = event.path("delta").path("type").asString("signature_delta");
        return new Frame(text, !delta.equals("signature_delta"));
    }
}

package io.deepgate.sandbox;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Chat completions: reasoning first, then content or the tool call, usage on the chunk that finishes, and [DONE]. */
final class ChatFormat implements Format {

    @Override
    public Flux<Frame> events(Answer answer) {
        Ask ask = answer.ask();
        ObjectNode role = delta("role", "assistant");
        if (ask.thinking()) {
            role.putNull("content").put("reasoning_content", "");
        } else {
            role.put("content", "");
        }
        Flux<Frame> opening = Flux.just(Frame.other(chunk(answer, role, null)));
        Flux<Frame> reasoning = Flux.fromIterable(answer.reasoning())
                .map(text -> content(answer, delta("reasoning_content", text).putNull("content")));
        return Flux.concat(opening, reasoning, content(answer), closing(answer));
    }

    private static Flux<Frame> content(Answer answer) {
        if (answer.ask().directives().has(Directive.NULL_CONTENT)) {
            return Flux.just(content(answer, Json.object().putNull("content")));
        }
        ToolCall call = answer.call();
        if (call != null) {
            return Flux.concat(
                    Flux.just(Frame.other(chunk(answer, toolCall(call, ""), null))),
                    Flux.fromIterable(call.arguments()).map(text -> content(answer, toolCall(null, text))));
        }
        return Flux.fromIterable(answer.content()).map(text -> content(answer, content(answer.ask(), text)));
    }

    private static Flux<Frame> closing(Answer answer) {
        Ask ask = answer.ask();
        Usage usage = answer.reportedUsage();
        boolean separate = ask.directives().has(Directive.USAGE_SEPARATE);
        ObjectNode finish = Envelope.of(answer, "chat.completion.chunk");
        finish.set("choices", choices(answer, "delta", content(ask, ""), answer.finish()));
        if (usage != null && !separate) {
            finish.set("usage", Envelope.usage(usage));
        }
        Flux<Frame> last = Flux.just(Frame.other(event(finish)));
        if (usage != null && separate && ask.includeUsage()) {
            ObjectNode extra = Envelope.of(answer, "chat.completion.chunk");
            extra.set("choices", Json.array());
            extra.set("usage", Envelope.usage(usage));
            last = Flux.concat(last, Flux.just(Frame.other(event(extra))));
        }
        return Flux.concat(last, Flux.just(Frame.other("data: [DONE]\n\n")));
    }

    @Override
    public JsonNode whole(Answer answer) {
        ObjectNode message = Json.object().put("role", "assistant");
        if (answer.ask().directives().has(Directive.NULL_CONTENT)) {
            message.putNull("content");
        } else {
            message.put("content", answer.contentText());
        }
        if (answer.ask().thinking()) {
            message.put("reasoning_content", answer.reasoningText());
        }
        ToolCall call = answer.call();
        if (call != null) {
            message.setAll(toolCall(call, call.json()));
        }
        ObjectNode whole = Envelope.of(answer, "chat.completion");
        whole.set("choices", choices(answer, "message", message, answer.finish()));
        Usage usage = answer.reportedUsage();
        if (usage != null) {
            whole.set("usage", Envelope.usage(usage));
        }
        return whole;
    }

    @Override
    public JsonNode refusal(Refusal refusal) {
        return Envelope.error(refusal);
    }

    private static ObjectNode content(Ask ask, String text) {
        ObjectNode delta = delta("content", text);
        return ask.thinking() ? delta.putNull("reasoning_content") : delta;
    }

    private static Frame content(Answer answer, ObjectNode delta) {
        return Frame.content(chunk(answer, delta, null));
    }

    private static String chunk(Answer answer, ObjectNode delta, @Nullable String finish) {
        ObjectNode chunk = Envelope.of(answer, "chat.completion.chunk");
        chunk.set("choices", choices(answer, "delta", delta, finish));
        if (answer.ask().includeUsage()) {
            chunk.putNull("usage");
        }
        return event(chunk);
    }

    private static JsonNode choices(Answer answer, String part, ObjectNode said, @Nullable String finish) {
        if (answer.ask().directives().has(Directive.EMPTY_CHOICES)) {
            return Json.array();
        }
        ObjectNode choice = Json.object().put("index", 0);
        choice.set(part, said);
        return Json.array(choice.putNull("logprobs").put("finish_reason", finish));
    }

    private static ObjectNode toolCall(@Nullable ToolCall opening, String arguments) {
        ObjectNode call = Json.object().put("index", 0);
        ObjectNode function = Json.object();
        if (opening != null) {
            call.put("id", opening.id()).put("type", "function");
            function.put("name", opening.name());
        }
        call.set("function", function.put("arguments", arguments));
        return Json.object().set("tool_calls", Json.array(call));
    }

    private static ObjectNode delta(String field, String text) {
        return Json.object().put(field, text);
    }

    private static String event(ObjectNode chunk) {
        return "data: " + chunk + "\n\n";
    }
}

package io.deepgate.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Completions: text, usage on the chunk that finishes, and [DONE]. */
final class CompletionFormat implements Format {

    @Override
    public Flux<Frame> events(Answer answer) {
        String echo = answer.ask().echo();
        Flux<Frame> opening =
                Flux.fromIterable(echo.isEmpty() ? List.<Frame>of() : List.of(Frame.other(chunk(answer, echo, null))));
        Flux<Frame> said = Flux.fromIterable(answer.content()).map(text -> Frame.content(chunk(answer, text, null)));
        Flux<Frame> closing =
                Flux.just(Frame.other(chunk(answer, "", answer.finish())), Frame.other("data: [DONE]\n\n"));
        return Flux.concat(opening, said, closing);
    }

    @Override
    public JsonNode whole(Answer answer) {
        return completion(answer, answer.ask().echo() + answer.contentText(), answer.finish());
    }

    @Override
    public JsonNode refusal(Refusal refusal) {
        return Envelope.error(refusal);
    }

    private static String chunk(Answer answer, String text, @Nullable String finish) {
        return "data: " + completion(answer, text, finish) + "\n\n";
    }

    private static ObjectNode completion(Answer answer, String text, @Nullable String finish) {
        ObjectNode completion = Envelope.of(answer, "text_completion");
        boolean empty = answer.ask().directives().has(Directive.EMPTY_CHOICES);
        completion.set(
                "choices",
                empty
                        ? Json.array()
                        : Json.array(Json.object()
                                .put("text", text)
                                .put("index", 0)
                                .putNull("logprobs")
                                .put("finish_reason", finish)));
        Usage usage = answer.reportedUsage();
        if (finish != null && usage != null) {
            completion.set("usage", Envelope.usage(usage));
        }
        return completion;
    }
}

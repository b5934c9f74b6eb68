package io.deepgate.sandbox;

import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.JsonNode;

/** Which path does what; all of them with and without {@code /v1}. */
final class Routes {

    private static final String MODELS = "/models/";

    private final Generation generation;
    private final Format chat = new ChatFormat();
    private final Format completion = new CompletionFormat();
    private final Format responses = new ResponsesFormat();
    private final Format anthropic = new AnthropicFormat();

    Routes(Generation generation) {
        this.generation = generation;
    }

    Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
        Replies.mark(response);
        String path = path(request);
        return switch (request.method() + " " + path) {
            case "POST /chat/completions" ->
                generation.serve(request, response, chat, body -> ChatRequest.read(body, false));
            case "POST /beta/chat/completions" ->
                generation.serve(request, response, chat, body -> ChatRequest.read(body, true));
            case "POST /beta/completions" ->
                generation.serve(request, response, completion, body -> CompletionRequest.read(body, true));
            case "POST /completions" ->
                generation.serve(request, response, completion, body -> CompletionRequest.read(body, false));
            case "POST /responses" -> generation.serve(request, response, responses, ResponsesRequest::read);
            case "POST /anthropic/v1/messages", "POST /anthropic/messages" ->
                generation.serve(request, response, anthropic, AnthropicRequest::read);
            case "GET /models" -> show(request, response, key -> Models.list());
            case "GET /user/balance" -> show(request, response, key -> Models.balance(!key.isBroke()));
            default -> {
                String model = path.startsWith(MODELS) ? path.substring(MODELS.length()) : "";
                yield Models.exists(model)
                        ? show(request, response, key -> Models.describe(model))
                        : Replies.notFound(response);
            }
        };
    }

    private Mono<Void> show(HttpServerRequest request, HttpServerResponse response, Function<Key, JsonNode> content) {
        try {
            return Replies.reply(response, 200, content.apply(Key.bearer(request.requestHeaders())));
        } catch (Refusal refusal) {
            return Replies.refuse(response, chat, refusal);
        }
    }

    private static String path(HttpServerRequest request) {
        String path = request.uri();
        int query = path.indexOf('?');
        path = query < 0 ? path : path.substring(0, query);
        return path.startsWith("/v1/") ? path.substring(3) : path;
    }
}

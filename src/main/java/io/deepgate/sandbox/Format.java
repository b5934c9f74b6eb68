package io.deepgate.sandbox;

import io.netty.handler.codec.http.HttpHeaders;
import reactor.core.publisher.Flux;
import tools.jackson.databind.JsonNode;

/** How an answer, or a refusal, is written; and where its requests carry the key. */
interface Format {

    /** The answer as server-sent events, written as they are asked for. */
    Flux<Frame> events(Answer answer);

    JsonNode whole(Answer answer);

    JsonNode refusal(Refusal refusal);

    default Key key(HttpHeaders headers) {
        return Key.bearer(headers);
    }

    /** What a stream says while there is nothing to say. */
    default String keepAlive() {
        return ": keep-alive\n\n";
    }
}

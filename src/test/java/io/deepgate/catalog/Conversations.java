package io.deepgate.catalog;

import io.deepgate.api.RequestBody;
import io.deepgate.api.Scanned;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Requests of callers who talk. */
final class Conversations {

    private Conversations() {}

    /** A request for {@code model} that says nothing. */
    static RequestBody asked(String model) {
        return body("{\"model\":\"" + model + "\"}");
    }

    /** A request for the model {@code many} by the caller's user {@code user}. */
    static RequestBody of(String user) {
        return body("{\"model\":\"many\",\"user_id\":\"" + user + "\"}");
    }

    static RequestBody body(String json) {
        return Scanned.of(Unpooled.wrappedBuffer(json.getBytes(StandardCharsets.UTF_8)));
    }
}

package io.deepgate.watch;

import io.deepgate.RawUpstream;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** An upstream that does nothing but list its models, which may change. */
final class ModelsUpstream implements AutoCloseable {

    private final RawUpstream upstream = RawUpstream.start();
    private final List<String> heads = new CopyOnWriteArrayList<>();

    /** From now on these are listed. */
    ModelsUpstream lists(String... models) {
        String body = Arrays.stream(models)
                .map(model -> "{\"id\":\"" + model + "\",\"object\":\"model\",\"owned_by\":\"deepseek\"}")
                .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}"));
        return answers("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: "
                + body.length() + "\r\n\r\n" + body);
    }

    /** From now on these bytes are the answer. */
    ModelsUpstream answers(String bytes) {
        upstream.does(connection -> {
            connection.readRequest();
            heads.add(connection.head());
            connection.write(bytes);
        });
        return this;
    }

    URI baseUrl() {
        return upstream.baseUrl();
    }

    /** The heads of the requests that came. */
    List<String> heads() {
        return heads;
    }

    @Override
    public void close() {
        upstream.close();
    }
}

package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads which slugs an upstream lists; spends no tokens. */
public final class UpstreamModels {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final UpstreamClients clients;
    private final Keyring keyring;

    UpstreamModels(UpstreamClients clients, Keyring keyring) {
        this.clients = clients;
        this.keyring = keyring;
    }

    /**
     * The ids of {@code GET /models}, and how many tokens of context each says it has, 0 for one that says nothing; fails if
     * it cannot be read within 10 s.
     */
    public Mono<Map<String, Long>> listed(Upstream upstream) {
        return clients.of(upstream)
                .headers(headers -> headers.set(
                        HttpHeaderNames.AUTHORIZATION, keyring.any(upstream).bearer()))
                .get()
                .uri(URI.create(upstream.baseUrl() + "/models"))
                .responseSingle((response, body) -> response.status().code() == 200
                        ? body.asString()
                        : Mono.error(new UpstreamUnavailableException(
                                "GET /models was answered " + response.status().code(), 502, null)))
                .map(UpstreamModels::models)
                .timeout(TIMEOUT);
    }

    private static Map<String, Long> models(String body) {
        return JSON.readTree(body)
                .path("data")
                .valueStream()
                .filter(model -> !model.path("id").asString("").isEmpty())
                .collect(Collectors.toMap(
                        model -> model.path("id").asString(""), UpstreamModels::context, (one, other) -> one));
    }

    /** DeepSeek's name for it, else vLLM's. */
    private static long context(JsonNode model) {
        return model.path("context_window").asLong(model.path("max_model_len").asLong(0));
    }
}

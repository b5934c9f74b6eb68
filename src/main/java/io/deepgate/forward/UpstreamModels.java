package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;
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

    /** The ids of {@code GET /models}; fails if it cannot be read within 10 s. */
    public Mono<Set<String>> listed(Upstream upstream) {
        return clients.of(upstream)
                .headers(headers -> headers.set(
                        HttpHeaderNames.AUTHORIZATION, keyring.any(upstream).bearer()))
                .get()
                .uri(URI.create(upstream.baseUrl() + "/models"))
                .responseSingle((response, body) -> response.status().code() == 200
                        ? body.asString()
                        : Mono.error(new UpstreamUnavailableException(
                                "GET /models was answered " + response.status().code(), 502, null)))
                .map(UpstreamModels::ids)
                .timeout(TIMEOUT);
    }

    private static Set<String> ids(String body) {
        return JSON.readTree(body)
                .path("data")
                .valueStream()
                .map(model -> model.path("id").asString(""))
                .filter(id -> !id.isEmpty())
                .collect(Collectors.toSet());
    }
}

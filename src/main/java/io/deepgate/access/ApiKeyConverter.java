package io.deepgate.access;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.authentication.ServerAuthenticationConverter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Takes the key from {@code Authorization: Bearer} or, as Anthropic's clients send it, from {@code x-api-key}. */
final class ApiKeyConverter implements ServerAuthenticationConverter {

    private static final String BEARER = "Bearer ";

    @Override
    public Mono<Authentication> convert(ServerWebExchange exchange) {
        String text = keyText(exchange.getRequest().getHeaders());
        ApiKey key = text == null ? null : ApiKey.parse(text);
        return key == null ? Mono.error(new InvalidApiKeyException()) : Mono.just(ApiKeyAuthentication.unchecked(key));
    }

    private static @Nullable String keyText(HttpHeaders headers) {
        String authorization = headers.getFirst(HttpHeaders.AUTHORIZATION);
        if (authorization == null) {
            return headers.getFirst("x-api-key");
        }
        boolean bearer = authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
        return bearer ? authorization.substring(BEARER.length()).trim() : null;
    }
}

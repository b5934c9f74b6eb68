package io.deepgate;

import io.deepgate.access.Caller;
import io.deepgate.api.Endpoint;
import io.deepgate.api.Envelope;
import io.deepgate.api.ErrorWriter;
import io.deepgate.api.RequestId;
import io.deepgate.api.UnknownPathException;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.ModelList;
import io.deepgate.catalog.ModelNotFoundException;
import io.deepgate.watch.UsageApi;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/** Paths to handlers; every path is served with and without {@code /v1}. */
final class GatewayRoutes implements WebHandler {

    private static final String SERVED =
            "POST /v1/chat/completions, /v1/completions, /v1/responses, /beta/chat/completions,"
                    + " /beta/completions, /anthropic/v1/messages, and GET /v1/models, /v1/models/{id}, /v1/usage";
    private static final Map<String, Endpoint> ENDPOINTS = Map.of(
            "/chat/completions", Endpoint.CHAT,
            "/completions", Endpoint.COMPLETIONS,
            "/responses", Endpoint.RESPONSES,
            "/beta/chat/completions", Endpoint.BETA_CHAT,
            "/beta/completions", Endpoint.COMPLETIONS,
            "/anthropic/messages", Endpoint.MESSAGES);
    private static final String JSON = "application/json";
    private static final String VERSION = "/v1";
    private static final String MODELS = "/models";
    private static final String USAGE = "/usage";

    private final ErrorWriter errors;
    private final GatewayHandler handler;
    private final LiveCatalog catalog;
    private final UsageApi usage;
    private final ModelList modelList = new ModelList(Instant.now());

    GatewayRoutes(GatewayHandler handler, LiveCatalog catalog, UsageApi usage, ErrorWriter errors) {
        this.errors = errors;
        this.handler = handler;
        this.usage = usage;
        this.catalog = catalog;
    }

    @Override
    public Mono<Void> handle(ServerWebExchange exchange) {
        return ReactiveSecurityContextHolder.getContext()
                .map(GatewayRoutes::caller)
                .flatMap(caller -> route(exchange, caller));
    }

    private static Caller caller(SecurityContext context) {
        Authentication authentication = Objects.requireNonNull(context.getAuthentication());
        return (Caller) Objects.requireNonNull(authentication.getPrincipal());
    }

    private Mono<Void> route(ServerWebExchange exchange, Caller caller) {
        String path = exchange.getRequest().getPath().value();
        String name = withoutVersion(path);
        HttpMethod method = exchange.getRequest().getMethod();
        Endpoint endpoint = ENDPOINTS.get(name);
        if (endpoint != null && method.equals(HttpMethod.POST)) {
            return handler.handle(exchange, caller, endpoint);
        }
        handler.limits(caller.tenant(), exchange.getResponse());
        boolean models = name.equals(MODELS) || name.startsWith(MODELS + "/");
        if (models && method.equals(HttpMethod.GET)) {
            return models(exchange.getResponse(), caller, name);
        }
        boolean ownUsage = name.equals(USAGE);
        if (ownUsage && method.equals(HttpMethod.GET)) {
            return usage(exchange, caller);
        }
        boolean known = endpoint != null || models || ownUsage;
        return errors.write(
                exchange.getResponse(),
                ErrorTable.of(new UnknownPathException(method.name(), path, known, SERVED)),
                Envelope.ofPath(path));
    }

    /** {@code /v1} may stand anywhere, or nowhere: base URLs are written in many ways. */
    private static String withoutVersion(String path) {
        int at = path.indexOf(VERSION + "/");
        return at < 0 ? path : path.substring(0, at) + path.substring(at + VERSION.length());
    }

    private Mono<Void> models(ServerHttpResponse response, Caller caller, String name) {
        List<String> aliases = catalog.current().aliases(caller.tenant());
        if (name.length() <= MODELS.length() + 1) {
            return write(response, JSON, modelList.list(aliases));
        }
        String alias = name.substring(MODELS.length() + 1);
        return aliases.contains(alias)
                ? write(response, JSON, modelList.model(alias))
                : errors.write(response, ErrorTable.of(new ModelNotFoundException(alias)), Envelope.OPENAI);
    }

    private Mono<Void> usage(ServerWebExchange exchange, Caller caller) {
        ServerHttpResponse response = exchange.getResponse();
        return usage.ofTenant(exchange.getRequest(), caller.tenant())
                .flatMap(document -> write(
                        response, document.type().toString(), document.text().getBytes(StandardCharsets.UTF_8)))
                .onErrorResume(failure -> errors.write(response, ErrorTable.of(failure), Envelope.OPENAI));
    }

    private static Mono<Void> write(ServerHttpResponse response, String type, byte[] body) {
        response.getHeaders().set("content-type", type);
        RequestId.write(RequestId.next(), response.getHeaders(), Envelope.OPENAI);
        response.getHeaders().setContentLength(body.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
    }
}

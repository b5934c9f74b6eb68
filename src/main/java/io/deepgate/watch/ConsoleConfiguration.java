package io.deepgate.watch;

import io.deepgate.access.TenantsFile;
import io.deepgate.usage.RolloutReports;
import java.time.Clock;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/** What the management port serves beside the actuator, and who may see it. It is no bean of the tenants' port. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ConsoleConfiguration {

    private static final Logger log = LoggerFactory.getLogger(ConsoleConfiguration.class);

    /** The page, what it is made of, and the figures it shows. */
    @Bean
    RouterFunction<ServerResponse> console(LiveView live) {
        return RouterFunctions.route()
                .GET("/", request -> page("index.html"))
                .GET(OperatorSecurity.LOGGED_OUT, request -> page("logged-out.html"))
                // Asked for by browsers, for the pages of logging in and out.
                .GET(
                        "/favicon.ico",
                        request -> ServerResponse.ok()
                                .contentType(MediaType.parseMediaType("image/svg+xml"))
                                .bodyValue(new ClassPathResource("console/icon.svg")))
                .GET(
                        "/console/live",
                        request -> ServerResponse.ok()
                                .header("cache-control", "no-store")
                                .contentType(MediaType.APPLICATION_JSON)
                                .bodyValue(live.json()))
                .resources("/console/**", new ClassPathResource("console/"))
                .resources("/uplot/**", new ClassPathResource("META-INF/resources/webjars/uplot/"))
                .build();
    }

    private static Mono<ServerResponse> page(String name) {
        return ServerResponse.ok().contentType(MediaType.TEXT_HTML).bodyValue(new ClassPathResource("console/" + name));
    }

    @Bean
    RouterFunction<ServerResponse> usage(UsageApi usage) {
        return UsagePage.route(usage);
    }

    @Bean
    RouterFunction<ServerResponse> rolloutPage(RolloutReports reports, TenantsFile tenants, SlugCheck slugs) {
        return new RolloutPage(reports, tenants, slugs, Clock.systemUTC()).route();
    }

    /** Says in a line why a request failed, where Spring would answer with nothing but a status. */
    @Bean
    @Order(-1)
    WebExceptionHandler failures() {
        return (exchange, failure) -> {
            if (failure instanceof ResponseStatusException refused
                    && !exchange.getResponse().isCommitted()) {
                String why = Objects.requireNonNullElse(
                        refused.getReason(), refused.getStatusCode().toString());
                return OperatorSecurity.refuse(exchange, refused.getStatusCode(), why + "\n");
            }
            return Mono.error(failure);
        };
    }

    @Bean
    WebFilterChainProxy operators(WatchProperties properties, OidcClients oidc) {
        Operators operators = new Operators(properties.operators());
        String warning = operators.warning(!oidc.isEmpty());
        if (warning != null) {
            log.warn(warning);
        }
        return new WebFilterChainProxy(OperatorSecurity.chain(properties.users(), operators, oidc));
    }
}

package io.deepgate.watch;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.MediaType;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/** What the management port serves beside the actuator, and who may see it. It is no bean of the tenants' port. */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
class ConsoleConfiguration {

    /** The page, what it is made of, and the figures it shows. */
    @Bean
    RouterFunction<ServerResponse> console(LiveView live) {
        return RouterFunctions.route()
                .GET(
                        "/",
                        request -> ServerResponse.ok()
                                .contentType(MediaType.TEXT_HTML)
                                .bodyValue(new ClassPathResource("console/index.html")))
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

    @Bean
    RouterFunction<ServerResponse> usage(UsageApi usage) {
        return UsagePage.route(usage);
    }

    @Bean
    WebFilterChainProxy operators(WatchProperties properties, OidcClients oidc) {
        return new WebFilterChainProxy(OperatorSecurity.chain(properties.users(), oidc));
    }
}

package io.deepgate.watch;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.authentication.UserDetailsRepositoryReactiveAuthenticationManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.authorization.AuthorizationContext;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Who may see what on the management port: health and metrics everyone, since probes and scrapes have no login; all else
 * whoever logs in, or, where no one is configured to, whoever asks from this machine.
 */
final class OperatorSecurity {

    private static final String[] OPEN = {"/actuator/health/**", "/actuator/info", "/actuator/prometheus"};
    private static final String CONTENT =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
    private static final String LOOPBACK_ONLY = "Only this machine may see this. Give operators a login with"
            + " gateway.watch.users, or ask from here: kubectl port-forward, ssh -L.\n";

    private OperatorSecurity() {}

    /** @param users encoded passwords by name */
    static SecurityWebFilterChain chain(Map<String, String> users) {
        ServerHttpSecurity http = ServerHttpSecurity.http();
        http.headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT)));
        if (users.isEmpty()) {
            http.authorizeExchange(exchanges -> exchanges
                    .pathMatchers(OPEN)
                    .permitAll()
                    .anyExchange()
                    .access((authentication, context) -> Mono.just(new AuthorizationDecision(isLoopback(context)))));
            http.exceptionHandling(failures -> failures.authenticationEntryPoint((exchange, e) -> refuse(exchange)));
        } else {
            http.authorizeExchange(exchanges ->
                    exchanges.pathMatchers(OPEN).permitAll().anyExchange().authenticated());
            http.authenticationManager(new UserDetailsRepositoryReactiveAuthenticationManager(
                    new MapReactiveUserDetailsService(users.entrySet().stream()
                            .map(user -> User.withUsername(user.getKey())
                                    .password(user.getValue())
                                    .roles("OPERATOR")
                                    .build())
                            .toList())));
            http.formLogin(Customizer.withDefaults());
            http.httpBasic(Customizer.withDefaults());
        }
        return http.build();
    }

    private static boolean isLoopback(AuthorizationContext context) {
        InetSocketAddress remote = context.getExchange().getRequest().getRemoteAddress();
        return remote != null
                && remote.getAddress() != null
                && remote.getAddress().isLoopbackAddress();
    }

    private static Mono<Void> refuse(ServerWebExchange exchange) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(HttpStatus.FORBIDDEN);
        response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(LOOPBACK_ONLY.getBytes(StandardCharsets.UTF_8))));
    }
}

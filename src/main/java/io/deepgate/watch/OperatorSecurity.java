package io.deepgate.watch;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authentication.UserDetailsRepositoryReactiveAuthenticationManager;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.MapReactiveUserDetailsService;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.oauth2.client.oidc.web.server.logout.OidcClientInitiatedServerLogoutSuccessHandler;
import org.springframework.security.oauth2.client.web.server.WebSessionServerOAuth2AuthorizedClientRepository;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.authentication.RedirectServerAuthenticationEntryPoint;
import org.springframework.security.web.server.ui.DefaultResourcesWebFilter;
import org.springframework.security.web.server.ui.LogoutPageGeneratingWebFilter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/**
 * Who may see what on the management port: health and metrics everyone, since probes and scrapes have no login; all else
 * whoever logs in, or, where no one is configured to, whoever asks from this machine.
 */
final class OperatorSecurity {

    /** Where a browser is once its operator has logged out; nothing to be seen. */
    static final String LOGGED_OUT = "/logged-out";

    private static final String[] OPEN = {
        "/actuator/health/**",
        "/actuator/info",
        "/actuator/prometheus",
        LOGGED_OUT,
        "/console/*.css",
        "/console/icon.svg"
    };
    private static final String CONTENT_POLICY = "content-security-policy";
    private static final String CONTENT = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
            + " base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
    private static final String LOOPBACK_ONLY = "Only this machine may see this. Give operators a login with"
            + " gateway.watch.users or spring.security.oauth2.client, or ask from here: kubectl port-forward, ssh -L.\n";
    private static final String NOT_LOGGED_IN = "Log in first: open this port's / in a browser.\n";
    private static final String NO_OPERATOR =
            "gateway.watch.operators does not list whom you logged in as. Open /logout to log in as somebody else.\n";
    private static final String REFUSED = "What the OpenID provider answered was refused. Open / to try again.\n";

    private OperatorSecurity() {}

    /** @param users encoded passwords by name */
    static SecurityWebFilterChain chain(Map<String, String> users, Operators operators, OidcClients oidc) {
        ServerHttpSecurity http = ServerHttpSecurity.http();
        // Browsers hold a form to it also where its answer leads elsewhere, as logging out does.
        http.headers(headers -> headers.writer(exchange -> Mono.fromRunnable(() -> exchange.getResponse()
                .getHeaders()
                .set(CONTENT_POLICY, (CONTENT + " " + oidc.logoutOrigin()).strip()))));
        http.authorizeExchange(exchanges -> {
            var rest = exchanges.pathMatchers(OPEN).permitAll().anyExchange();
            if (users.isEmpty() && oidc.isEmpty()) {
                rest.access((authentication, context) -> Mono.just(new AuthorizationDecision(
                        isOfThisMachine(context.getExchange().getRequest()))));
            } else {
                rest.access((login, context) ->
                        login.map(operators::has).defaultIfEmpty(false).map(AuthorizationDecision::new));
            }
        });
        if (!users.isEmpty()) {
            http.authenticationManager(passwords(users));
            http.httpBasic(Customizer.withDefaults());
        }
        if (!oidc.isEmpty()) {
            openId(http, oidc);
        } else if (!users.isEmpty()) {
            http.formLogin(Customizer.withDefaults());
        } else {
            http.exceptionHandling(failures -> failures.authenticationEntryPoint(
                    (exchange, e) -> refuse(exchange, HttpStatus.FORBIDDEN, LOOPBACK_ONLY)));
        }
        return http.build();
    }

    private static ReactiveAuthenticationManager passwords(Map<String, String> users) {
        return new UserDetailsRepositoryReactiveAuthenticationManager(
                new MapReactiveUserDetailsService(users.entrySet().stream()
                        .map(user -> User.withUsername(user.getKey())
                                .password(user.getValue())
                                .roles("OPERATOR")
                                .build())
                        .toList()));
    }

    /**
     * A page leads to the provider at once, and a program is told that it is not logged in. Who logs out here does so at the
     * provider too, if that has a page for it: else the next page would log in again.
     */
    private static void openId(ServerHttpSecurity http, OidcClients oidc) {
        var toProvider = new RedirectServerAuthenticationEntryPoint(oidc.loginPath());
        http.oauth2Login(login -> login.clientRegistrationRepository(oidc)
                .authorizedClientRepository(new WebSessionServerOAuth2AuthorizedClientRepository())
                .authenticationFailureHandler(
                        (failed, e) -> refuse(failed.getExchange(), HttpStatus.UNAUTHORIZED, REFUSED)));
        http.exceptionHandling(failures -> failures.authenticationEntryPoint((exchange, e) -> isPage(exchange)
                        ? toProvider.commence(exchange, e)
                        : refuse(exchange, HttpStatus.UNAUTHORIZED, NOT_LOGGED_IN))
                .accessDeniedHandler((exchange, e) -> refuse(exchange, HttpStatus.FORBIDDEN, NO_OPERATOR)));
        var logout = new OidcClientInitiatedServerLogoutSuccessHandler(oidc);
        logout.setPostLogoutRedirectUri(oidc.base() + LOGGED_OUT);
        logout.setLogoutSuccessUrl(URI.create(LOGGED_OUT));
        http.logout(out -> out.logoutSuccessHandler(logout));
        http.addFilterAt(new LogoutPageGeneratingWebFilter(), SecurityWebFiltersOrder.LOGOUT_PAGE_GENERATING);
        http.addFilterBefore(DefaultResourcesWebFilter.css(), SecurityWebFiltersOrder.LOGOUT_PAGE_GENERATING);
    }

    private static boolean isPage(ServerWebExchange exchange) {
        return exchange.getRequest().getHeaders().getAccept().contains(MediaType.TEXT_HTML);
    }

    /** By the socket, whatever headers say; what a proxy on this machine passes on is not from here. */
    private static boolean isOfThisMachine(ServerHttpRequest request) {
        HttpServerRequest asked = ServerHttpRequestDecorator.getNativeRequest(request);
        return asked.connectionRemoteAddress() instanceof InetSocketAddress socket
                && socket.getAddress() != null
                && socket.getAddress().isLoopbackAddress()
                && !asked.requestHeaders().contains("forwarded")
                && !asked.requestHeaders().contains("x-forwarded-for");
    }

    static Mono<Void> refuse(ServerWebExchange exchange, HttpStatusCode status, String text) {
        ServerHttpResponse response = exchange.getResponse();
        response.setStatusCode(status);
        response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(text.getBytes(StandardCharsets.UTF_8))));
    }
}

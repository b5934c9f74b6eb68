package io.deepgate.watch;

import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientPropertiesMapper;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What the console is to an OpenID provider, as Spring Boot's {@code spring.security.oauth2.client} says. A provider is asked
 * what it is when somebody logs in first, so that the gateway starts and serves without it.
 */
final class OidcClients implements ReactiveClientRegistrationRepository {

    private static final String PREFIX = "spring.security.oauth2.client";

    private static final String LOGOUT = "end_session_endpoint";

    private final OAuth2ClientProperties properties;
    private volatile @Nullable Map<String, ClientRegistration> known;

    /** @throws IllegalStateException if a registration has no client id */
    OidcClients(Environment environment) {
        properties = Binder.get(environment).bindOrCreate(PREFIX, OAuth2ClientProperties.class);
        properties.validate();
    }

    boolean isEmpty() {
        return properties.getRegistration().isEmpty();
    }

    /** Where a browser goes to log in; there is at least one registration. */
    String loginPath() {
        return "/oauth2/authorization/"
                + properties.getRegistration().keySet().iterator().next();
    }

    /** What browsers call this port, as the registration's redirect URI has it; else what the request says. */
    String base() {
        String back = Objects.requireNonNullElse(
                properties.getRegistration().values().iterator().next().getRedirectUri(), "");
        int path = back.indexOf("/login/oauth2/");
        return path < 0 ? "{baseUrl}" : back.substring(0, path);
    }

    /** The origin of the provider's page for logging out; empty where it has none, or nobody has logged in yet. */
    String logoutOrigin() {
        Map<String, ClientRegistration> all = known;
        return all == null
                ? ""
                : all.values().stream()
                        .map(client -> client.getProviderDetails()
                                .getConfigurationMetadata()
                                .get(LOGOUT))
                        .filter(Objects::nonNull)
                        .map(page -> URI.create(page.toString()))
                        .map(page -> page.getScheme() + "://" + page.getRawAuthority())
                        .collect(Collectors.joining(" "));
    }

    @Override
    public Mono<ClientRegistration> findByRegistrationId(String id) {
        return Mono.fromCallable(() -> registrations().get(id))
                .subscribeOn(Schedulers.boundedElastic())
                .onErrorMap(e -> new ResponseStatusException(
                        HttpStatus.SERVICE_UNAVAILABLE, "The OpenID provider cannot be asked what it is", e));
    }

    private synchronized Map<String, ClientRegistration> registrations() {
        Map<String, ClientRegistration> all = known;
        if (all == null) {
            all = new OAuth2ClientPropertiesMapper(properties).asClientRegistrations();
            known = all;
        }
        return all;
    }
}

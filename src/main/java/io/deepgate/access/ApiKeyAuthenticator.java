package io.deepgate.access;

import java.time.InstantSource;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.core.Authentication;
import reactor.core.publisher.Mono;

/** Finds the caller of a key in the tenants as they are now. */
final class ApiKeyAuthenticator implements ReactiveAuthenticationManager {

    private final TenantsFile tenants;
    private final InstantSource clock;

    ApiKeyAuthenticator(TenantsFile tenants, InstantSource clock) {
        this.tenants = tenants;
        this.clock = clock;
    }

    @Override
    public Mono<Authentication> authenticate(Authentication authentication) {
        if (authentication.getCredentials() instanceof ApiKey key) {
            Caller caller = tenants.current().callerOf(key, clock.instant());
            if (caller != null) {
                return Mono.just(ApiKeyAuthentication.of(caller));
            }
        }
        return Mono.error(new InvalidApiKeyException());
    }
}

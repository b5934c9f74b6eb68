package io.deepgate.access;

import java.time.InstantSource;
import org.springframework.security.web.server.authentication.AuthenticationWebFilter;
import org.springframework.security.web.server.authentication.ServerAuthenticationFailureHandler;
import org.springframework.web.server.WebFilter;

/**
 * All of Spring Security that a call passes: one filter that turns a key into its {@link Caller}. It is made here and
 * not a bean, since Boot would put every filter bean before the management port as well.
 */
public final class ApiKeySecurity {

    private final TenantsFile tenants;

    ApiKeySecurity(TenantsFile tenants) {
        this.tenants = tenants;
    }

    /** The filter; what it refuses goes to {@code refusal} as an {@link InvalidApiKeyException}. */
    public WebFilter filter(ServerAuthenticationFailureHandler refusal) {
        var filter = new AuthenticationWebFilter(new ApiKeyAuthenticator(tenants, InstantSource.system()));
        filter.setServerAuthenticationConverter(new ApiKeyConverter());
        filter.setAuthenticationFailureHandler(refusal);
        return filter;
    }
}

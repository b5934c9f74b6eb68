package io.deepgate.access;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;

/** A key on its way to being checked, and afterwards the {@link Caller} it belongs to. */
final class ApiKeyAuthentication extends AbstractAuthenticationToken {

    private final transient @Nullable ApiKey key;
    private final transient @Nullable Caller caller;

    private ApiKeyAuthentication(@Nullable ApiKey key, @Nullable Caller caller) {
        super(AuthorityUtils.NO_AUTHORITIES);
        this.key = key;
        this.caller = caller;
        setAuthenticated(caller != null);
    }

    static ApiKeyAuthentication unchecked(ApiKey key) {
        return new ApiKeyAuthentication(key, null);
    }

    static ApiKeyAuthentication of(Caller caller) {
        return new ApiKeyAuthentication(null, caller);
    }

    @Override
    public @Nullable Object getCredentials() {
        return key;
    }

    @Override
    public @Nullable Object getPrincipal() {
        return caller;
    }
}

package io.deepgate.watch;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/**
 * Which of an OpenID provider's users are operators: those who have a listed value in one of the listed claims; all, where
 * nothing is listed.
 *
 * @param listed values by claim
 */
record Operators(Map<String, List<String>> listed) {

    private static final String PROPERTY = "gateway.watch.operators";

    /** Anybody may write any address into a profile. */
    private static final String EMAIL = "email";

    /** Whether who has logged in is one; users with a password here are. */
    boolean has(Authentication login) {
        if (!login.isAuthenticated()) {
            return false;
        }
        return listed.isEmpty()
                || !(login.getPrincipal() instanceof OidcUser user)
                || listed.keySet().stream().anyMatch(claim -> has(user, claim));
    }

    private boolean has(OidcUser user, String claim) {
        if (claim.equals(EMAIL) && !Boolean.TRUE.equals(user.getEmailVerified())) {
            return false;
        }
        Object said = user.getClaims().get(claim);
        Collection<?> values = said instanceof Collection<?> several ? several : List.of(String.valueOf(said));
        return said != null
                && values.stream().map(String::valueOf).anyMatch(listed.getOrDefault(claim, List.of())::contains);
    }

    /** What is hardly meant, as a sentence; null for nothing. */
    @Nullable
    String warning(boolean openId) {
        if (openId && listed.isEmpty()) {
            return PROPERTY
                    + " lists nobody, so that whomever the OpenID provider lets into this client is an operator:"
                    + " list values of claims, such as groups, or restrict it there";
        }
        return openId || listed.isEmpty()
                ? null
                : PROPERTY + " never counts, since there is no OpenID provider in spring.security.oauth2.client";
    }
}

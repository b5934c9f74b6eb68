package io.deepgate.access;

import java.util.List;

/**
 * Who pays and is limited.
 *
 * @param id lower-case letters, digits and hyphens, at most 63 characters; a label of logs and meters
 * @param models the aliases this tenant may call; {@code *} at the end of an entry stands for any ending
 * @param stripComments whether comments are kept out of this tenant's streams, for clients that cannot bear them
 */
public record Tenant(String id, List<String> models, Limits limits, boolean stripComments) {

    /** Whether this tenant may call {@code alias}. */
    public boolean mayCall(String alias) {
        for (String pattern : models) {
            boolean matches = pattern.endsWith("*")
                    ? alias.startsWith(pattern.substring(0, pattern.length() - 1))
                    : alias.equals(pattern);
            if (matches) {
                return true;
            }
        }
        return false;
    }
}

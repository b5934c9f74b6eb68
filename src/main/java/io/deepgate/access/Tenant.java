package io.deepgate.access;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Who pays and is limited.
 *
 * @param id lower-case letters, digits and hyphens, at most 63 characters; a label of logs and meters
 * @param models the aliases this tenant may call; {@code *} at the end of an entry stands for any ending
 * @param weight 1 to 100, its share of an upstream's concurrency when tenants wait for it
 * @param shadow whether limits and budget are counted only: what they would refuse is let through
 * @param stripComments whether comments are kept out of this tenant's streams, for clients that cannot bear them
 * @param shadowCalls whether a sample of its calls may be asked of candidates as well, behind its back
 * @param keepShadowPairs whether what it asked then and both answers may be kept, sealed, for review
 */
public record Tenant(
        String id,
        List<String> models,
        Limits limits,
        Budget budget,
        int weight,
        boolean shadow,
        boolean stripComments,
        boolean shadowCalls,
        boolean keepShadowPairs) {

    private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    /** One that allows no shadow calls. */
    public Tenant(
            String id,
            List<String> models,
            Limits limits,
            Budget budget,
            int weight,
            boolean shadow,
            boolean stripComments) {
        this(id, models, limits, budget, weight, shadow, stripComments, false, false);
    }

    /** Whether {@code text} can be a tenant's id. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

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

package io.deepgate.catalog;

import org.jspecify.annotations.Nullable;

/**
 * Where a call goes and as which model.
 *
 * @param alias the configured alias, or the default slug where the caller's word for the model is not configured: a
 *     label that never comes from a caller
 * @param slug what the upstream calls the model; it has no character that JSON would escape
 * @param variant null where the alias has no candidate
 */
public record Route(
        String alias,
        String slug,
        Upstream upstream,
        Parameters parameters,
        @Nullable Variant variant) {

    /** A route of an alias without a candidate. */
    public Route(String alias, String slug, Upstream upstream, Parameters parameters) {
        this(alias, slug, upstream, parameters, null);
    }
}

package io.deepgate.catalog;

/**
 * Where a call goes and as which model.
 *
 * @param alias the configured alias, or the default slug where the caller's word for the model is not configured: a
 *     label that never comes from a caller
 * @param slug what the upstream calls the model; it has no character that JSON would escape
 */
public record Route(String alias, String slug, Upstream upstream, Parameters parameters) {}

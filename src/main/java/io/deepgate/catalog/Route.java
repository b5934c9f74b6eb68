package io.deepgate.catalog;

import java.nio.charset.StandardCharsets;

/**
 * Where a call goes and as which model.
 *
 * @param alias the configured alias, or the default slug where the caller's word for the model is not configured: a
 *     label that never comes from a caller
 * @param slug what the upstream calls the model
 */
public record Route(String alias, String slug, Upstream upstream) {

    /** The slug as a JSON string; slugs have no character that would need an escape. */
    byte[] slugJson() {
        return ('"' + slug + '"').getBytes(StandardCharsets.UTF_8);
    }
}

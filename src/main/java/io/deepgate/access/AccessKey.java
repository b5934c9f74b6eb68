package io.deepgate.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What may be known of a tenant's key; the secret is nowhere.
 *
 * @param tenant the tenant's id
 * @param created null where the tenants file does not say it
 * @param expires null if it never does
 */
public record AccessKey(
        String tenant,
        String id,
        @Nullable Instant created,
        @Nullable Instant expires) {}

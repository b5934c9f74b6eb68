package io.deepgate.shadow;

import io.deepgate.access.Tenant;
import io.deepgate.api.Endpoint;
import io.deepgate.catalog.Route;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A shadow call's fact.
 *
 * @param tenant whose call was asked again; it pays nothing for it
 * @param model what the upstream said the model was, null if it said nothing
 * @param failure why it failed, null if it did not
 */
public record ShadowCall(
        Tenant tenant,
        Endpoint endpoint,
        Route route,
        boolean stream,
        @Nullable String model,
        Instant startedAt,
        Told told,
        @Nullable Throwable failure) {}

package io.deepgate.access;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who a key belongs to: the principal of an authenticated request. The key itself is not kept. */
public record Caller(Tenant tenant, String keyId, @Nullable Instant keyExpires) {}

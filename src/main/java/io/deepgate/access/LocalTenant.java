package io.deepgate.access;

import io.deepgate.access.AccessProperties.Local;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tenant for trying things out, with the one key that the gateway knows and may show. */
public final class LocalTenant {

    private static final Limits LIMITS = new Limits(600L, 2_000_000L, 64L);

    private final ApiKey key;
    private final TenantEntry entry;

    LocalTenant(Local local) {
        key = local.key() == null ? ApiKey.generate() : parsed(local.key());
        try {
            var known = new TenantEntry.KeyEntry(key.id(), key.sha256Hex(), null, null);
            entry = new TenantEntry(
                    local.tenant(), List.of(known), List.of("*"), LIMITS, null, null, false, false, false, false);
        } catch (IllegalArgumentException e) {
            throw new InvalidTenantsException("gateway.access.local: " + e.getMessage());
        }
    }

    private static ApiKey parsed(String text) {
        @Nullable ApiKey key = ApiKey.parse(text);
        if (key == null) {
            throw new InvalidTenantsException(
                    "gateway.access.local.key: write it as dg-<id>-<secret>, or leave it out");
        }
        return key;
    }

    /** The key, to be shown to whoever started the gateway. */
    public ApiKey key() {
        return key;
    }

    TenantEntry entry() {
        return entry;
    }
}

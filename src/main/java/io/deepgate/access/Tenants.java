package io.deepgate.access;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All tenants and the digests of their keys, immutable. */
public final class Tenants {

    private final List<Tenant> all;
    private final Map<String, Caller> callers = new HashMap<>();
    private final Map<String, byte[]> digests = new HashMap<>();

    private final List<AccessKey> keys = new ArrayList<>();

    Tenants(List<TenantEntry> entries) {
        all = entries.stream().map(TenantEntry::tenant).toList();
        for (int i = 0; i < entries.size(); i++) {
            for (TenantEntry.KeyEntry key : entries.get(i).keys()) {
                callers.put(key.id(), new Caller(all.get(i), key.id(), key.expires()));
                digests.put(key.id(), key.digest());
                keys.add(new AccessKey(all.get(i).id(), key.id(), key.created(), key.expires()));
            }
        }
    }

    public Collection<Tenant> all() {
        return all;
    }

    /** What may be known of their keys, in the order of the file. */
    public List<AccessKey> keys() {
        return keys;
    }

    /** The caller whose key this is, or null if no tenant has it or it has expired. Compares in constant time. */
    public @Nullable Caller callerOf(ApiKey key, Instant now) {
        Caller caller = callers.get(key.id());
        if (caller == null || !MessageDigest.isEqual(digests.get(key.id()), key.sha256())) {
            return null;
        }
        Instant expires = caller.keyExpires();
        return expires == null || now.isBefore(expires) ? caller : null;
    }
}

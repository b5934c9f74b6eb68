package io.deepgate.access;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A tenant as the tenants file writes it. */
record TenantEntry(
        String id,
        @Nullable List<KeyEntry> keys,
        @Nullable List<String> models,
        @Nullable Limits limits,
        @Nullable BudgetEntry budget,
        @Nullable Integer weight,
        boolean shadow,
        boolean stripComments,
        boolean shadowCalls,
        boolean keepShadowPairs) {

    private static final int HEAVIEST = 100;
    private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9]{1,32}");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-fA-F]{64}");

    TenantEntry {
        if (id == null || !Tenant.isId(id)) {
            throw new IllegalArgumentException(
                    "tenant id '" + id + "': write lower-case letters, digits and hyphens, at most 63");
        }
        if (weight != null && (weight < 1 || weight > HEAVIEST)) {
            throw new IllegalArgumentException("weight is " + weight + ": write 1 to " + HEAVIEST);
        }
    }

    /** A key's public id and digest. */
    record KeyEntry(
            String id,
            String sha256,
            @Nullable Instant created,
            @Nullable Instant expires) {

        KeyEntry {
            if (id == null || !KEY_ID.matcher(id).matches()) {
                throw new IllegalArgumentException("key id '" + id + "': write 1 to 32 letters and digits");
            }
            if (sha256 == null || !SHA_256.matcher(sha256).matches()) {
                throw new IllegalArgumentException("key '" + id + "': sha256 must be the 64 hex digits that"
                        + " 'keys create' prints, never the key itself");
            }
        }

        byte[] digest() {
            return HexFormat.of().parseHex(sha256);
        }
    }

    @Override
    public List<KeyEntry> keys() {
        return keys == null ? List.of() : keys;
    }

    Tenant tenant() {
        return new Tenant(
                id,
                models == null ? List.of("*") : List.copyOf(models),
                limits == null ? Limits.NONE : limits,
                budget == null ? Budget.NONE : budget.budget(),
                weight == null ? 1 : weight,
                shadow,
                stripComments,
                shadowCalls,
                keepShadowPairs);
    }
}

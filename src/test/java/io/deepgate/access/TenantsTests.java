package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.TenantEntry.KeyEntry;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantsTests {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final ApiKey OLD = ApiKey.generate();
    private static final ApiKey NEW = ApiKey.generate();
    private static final ApiKey OTHER = ApiKey.generate();

    private final Tenants tenants = new Tenants(List.of(
            entry("search", known(OLD, NOW.plusSeconds(60)), known(NEW, null)), entry("mail", known(OTHER, null))));

    @Test
    void findsTheTenantOfAKey() {
        Caller caller = tenants.callerOf(OTHER, NOW);

        assertThat(caller.tenant().id()).isEqualTo("mail");
        assertThat(caller.keyId()).isEqualTo(OTHER.id());
        assertThat(caller.keyExpires()).isNull();
    }

    @Test
    void letsTwoKeysOfATenantOverlap() {
        Caller byOld = tenants.callerOf(OLD, NOW);
        Caller byNew = tenants.callerOf(NEW, NOW);

        assertThat(byOld.tenant()).isSameAs(byNew.tenant());
        assertThat(byOld.keyId()).isNotEqualTo(byNew.keyId());
    }

    @Test
    void endsAKeyAtTheInstantItExpires() {
        Instant expires = NOW.plusSeconds(60);

        assertThat(tenants.callerOf(OLD, expires.minusNanos(1))).isNotNull();
        assertThat(tenants.callerOf(OLD, expires)).isNull();
        assertThat(tenants.callerOf(OLD, expires.plusNanos(1))).isNull();
        assertThat(tenants.callerOf(NEW, expires)).isNotNull();
    }

    @Test
    void knowsNoOtherKey() {
        assertThat(tenants.callerOf(ApiKey.generate(), NOW)).isNull();
    }

    @Test
    void refusesAnotherSecretUnderAKnownId() {
        ApiKey guessed = ApiKey.parse(OTHER.value().substring(0, OTHER.value().length() - 1) + "!");

        assertThat(guessed.id()).isEqualTo(OTHER.id());
        assertThat(tenants.callerOf(guessed, NOW)).isNull();
    }

    @Test
    void refusesTheSecretOfAnotherKey() {
        assertThat(tenants.callerOf(new ApiKey(OLD.id(), NEW.value()), NOW)).isNull();
    }

    private static TenantEntry entry(String id, KeyEntry... keys) {
        return new TenantEntry(id, List.of(keys), null, null, null, null, false, false, false, false);
    }

    private static KeyEntry known(ApiKey key, Instant expires) {
        return new KeyEntry(key.id(), key.sha256Hex(), null, expires);
    }
}

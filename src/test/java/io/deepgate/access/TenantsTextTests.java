package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.TenantEntry.KeyEntry;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Changes to a tenants file leave all else as it was written. */
class TenantsTextTests {

    private static final Instant DAY = Instant.parse("2026-11-24T00:00:00Z");
    private static final KeyEntry NEW = new KeyEntry("new", "0".repeat(64), DAY, DAY);
    private static final String LINE =
            "{ id: new, sha256: " + "0".repeat(64) + ", created: 2026-11-24T00:00:00Z, expires: 2026-11-24T00:00:00Z }";
    private static final String SHA = "1".repeat(64);
    private static final String BLOCK = """
            # 😀 tenants of the house
            tenants:
              - id: search   # the search team
                keys:
                  # until spring
                  - id: k1
                    sha256: SHA
                    expires: 2027-03-31T00:00:00Z # spring

                  - id: k2
                    sha256: SHA
                # what they may do
                models: ["*"]

              # the mail team
              - { id: mail, keys: [{ id: m1, sha256: SHA }, { id: m2, sha256: SHA }] } # two
              - id: idle
            # the end
            """.replace("SHA", SHA);

    @Test
    void addsAKeyBehindTheOthers() {
        same(text(BLOCK).withKey("search", NEW), BLOCK.replace("    # what", "      - " + LINE + "\n    # what"));
        same(text(BLOCK).withKey("mail", NEW), BLOCK.replace(" }] } # two", " }, " + LINE + "] } # two"));
        same(text(BLOCK).withKey("idle", NEW), BLOCK.replace("id: idle\n", "id: idle\n    keys: [" + LINE + "]\n"));
        same(text("tenants: [{ id: a, keys: [] }]").withKey("a", NEW), "tenants: [{ id: a, keys: [" + LINE + "] }]");
        same(text("tenants: [{ id: a }]").withKey("a", NEW), "tenants: [{ id: a, keys: [" + LINE + "] }]");
        same(text("tenants:\n- id: a\n  keys:\n").withKey("a", NEW), "tenants:\n- id: a\n  keys: [" + LINE + "]\n");
    }

    @Test
    void addsATenantBehindTheOthers() {
        String rest = "\n    models: [\"*\"]\n    limits: { requests-per-minute: 600, tokens-per-minute: 2000000,"
                + " concurrent-requests: 64 }";
        String added = "\n  - id: fresh\n    keys:\n      - " + LINE + rest;
        same(text(BLOCK).withKey("fresh", NEW), BLOCK.replace("id: idle", "id: idle" + added));
        same(text("# none\ntenants: [] # yet\n").withKey("fresh", NEW), "# none\ntenants:" + added + " # yet\n");
        same(text("").withKey("fresh", NEW), "tenants:" + added + "\n");
        same(text("# none").withKey("fresh", NEW), "# none\ntenants:" + added + "\n");
        assertThat(TenantsReader.read(
                        "t", text("tenants: [{ id: a }]").withKey("fresh", NEW).yaml()))
                .extracting(TenantEntry::id)
                .containsExactly("a", "fresh");
    }

    @Test
    void letsAKeyEnd() {
        same(text(BLOCK).withExpiry("k1", DAY), BLOCK.replace("2027-03-31T00", "2026-11-24T00"));
        same(
                text(BLOCK).withExpiry("k2", DAY),
                BLOCK.replace("- id: k2\n", "- id: k2\n        expires: 2026-11-24T00:00:00Z\n"));
        same(text(BLOCK).withExpiry("m2", DAY), BLOCK.replace("id: m2,", "id: m2, expires: 2026-11-24T00:00:00Z,"));
    }

    @Test
    void takesAKeyOut() {
        same(text(BLOCK).withoutKey("k2"), BLOCK.replace("      - id: k2\n        sha256: " + SHA + "\n", ""));
        same(text(BLOCK).withoutKey("m1"), BLOCK.replace("{ id: m1, sha256: " + SHA + " }, ", ""));
        same(text(BLOCK).withoutKey("m2"), BLOCK.replace(", { id: m2, sha256: " + SHA + " }", ""));
        assertThat(TenantsReader.read(
                                "t",
                                text(BLOCK).withoutKey("k1").withoutKey("k2").yaml())
                        .getFirst()
                        .keys())
                .isEmpty();
    }

    @Test
    void knowsTheLines() {
        assertThat(text(BLOCK).lineOfTenant("search")).isEqualTo(3);
        assertThat(text(BLOCK).lineOfKey("k2")).isEqualTo(10);
        assertThat(text(BLOCK).lineOfKey("m2")).isEqualTo(16);
        assertThat(text(BLOCK).lineOfKey("none")).isZero();
    }

    private static TenantsText text(String yaml) {
        return new TenantsText(yaml);
    }

    private static void same(TenantsText changed, String expected) {
        assertThat(changed.yaml()).isEqualTo(expected);
        TenantsReader.read("tenants.yaml", changed.yaml());
    }
}

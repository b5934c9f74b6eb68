package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a tenants file allows but hardly means. */
class TenantsWarningsTests {

    private static final String SHA = "0".repeat(64);

    @Test
    void namesTheLine() {
        assertThat(warnings("""
                tenants:
                  - id: search
                    keys:
                      - { id: k1, sha256: SHA, expires: 2020-01-01T00:00:00Z }
                      - { id: k2, sha256: SHA }
                  - id: idle
                  - { id: late, keys: [{ id: k3, sha256: SHA, expires: 2020-01-01T00:00:00Z }] }
                  - { id: shy, shadow: true, keys: [{ id: k4, sha256: SHA }], models: [] }
                  - { id: odd, keys: [{ id: k5, sha256: SHA }], models: ["deep*", "deep*seek"] }
                """))
                .containsExactly(
                        "t.yaml:4: key 'k1' of tenant 'search' expired on 2020-01-01T00:00:00Z: take it out with"
                                + " 'keys revoke --key k1'",
                        "t.yaml:6: tenant 'idle' has no key, so it cannot call: make one with 'keys create --tenant"
                                + " idle'",
                        "t.yaml:7: tenant 'late' has no key that is still valid, so it cannot call: make one with 'keys"
                                + " create --tenant late'",
                        "t.yaml:7: key 'k3' of tenant 'late' expired on 2020-01-01T00:00:00Z: take it out with 'keys"
                                + " revoke --key k3'",
                        "t.yaml:8: tenant 'shy' is in shadow mode: its limits and budget are counted, not enforced",
                        "t.yaml:8: tenant 'shy' may call no model: list some, or leave 'models' out for all",
                        "t.yaml:9: tenant 'odd' may call 'deep*seek', where the * is a letter like others: it stands for"
                                + " any ending only at the end");
    }

    @Test
    void saysThatThereAreNoTenants() {
        assertThat(warnings("tenants: []")).singleElement().asString().startsWith("t.yaml: there are no tenants");
    }

    private static List<String> warnings(String yaml) {
        String text = yaml.replace("SHA", SHA);
        return TenantsWarnings.of("t.yaml", text, TenantsReader.read("t.yaml", text));
    }
}

package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantsReaderTests {

    private static final String SHA_256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    @Test
    void readsAllThatATenantCanHave() {
        TenantEntry entry =
                TenantsReader.read("tenants.yaml", """
                tenants:
                  - id: search
                    keys:
                      - id: k7Qm2x                 # public
                        sha256: %s
                        expires: 2027-03-31T00:00:00Z
                    models: ["*"]
                    limits: { requests-per-minute: 600, tokens-per-minute: 2000000, concurrent-requests: 64 }
                    budget: { usd-per-day: 20.5, usd-per-month: 500, tokens-per-day: 9000, zone: Europe/Berlin }
                    shadow: true
                """.formatted(SHA_256)).getFirst();

        assertThat(entry.tenant())
                .isEqualTo(new Tenant(
                        "search",
                        List.of("*"),
                        new Limits(600L, 2_000_000L, 64L),
                        new Budget(20_500_000_000L, 500_000_000_000L, 9000L, ZoneId.of("Europe/Berlin")),
                        1,
                        true,
                        false));
        assertThat(entry.keys())
                .containsExactly(
                        new TenantEntry.KeyEntry("k7Qm2x", SHA_256, null, Instant.parse("2027-03-31T00:00:00Z")));
    }

    @Test
    void letsAllButTheIdBeLeftOut() {
        TenantEntry entry =
                TenantsReader.read("tenants.yaml", "tenants: [{ id: search }]").getFirst();

        assertThat(entry.tenant())
                .isEqualTo(new Tenant("search", List.of("*"), Limits.NONE, Budget.NONE, 1, false, false));
        assertThat(entry.keys()).isEmpty();
    }

    @Test
    void readsTheFileThatComesWithTheGateway() throws Exception {
        assertThat(TenantsReader.read("tenants.yaml", Files.readString(Path.of("config/tenants.yaml"))))
                .isEmpty();
    }

    @Test
    void keepsIdsThatLookLikeSomethingElseInYaml() {
        assertThat(TenantsReader.read("tenants.yaml", "tenants: [{ id: 007 }, { id: no }, { id: 1e5 }, { id: true }]"))
                .extracting(TenantEntry::id)
                .containsExactly("007", "no", "1e5", "true");
    }

    @Test
    void refusesFieldsItDoesNotKnow() {
        refuses(
                """
                tenants:
                  - id: search
                    limit: 3

                  - id: mail
                """,
                "tenants.yaml:3: unknown field 'limit': write one of [id, keys, models, limits, budget, weight, shadow, strip-comments, shadow-calls, keep-shadow-pairs]");
        refuses("""
                tenants:
                  - id: search
                    limits: { requests-per-second: 3 }
                """, "tenants.yaml:3: unknown field 'requests-per-second': write one of [requests-per-minute,");
        refuses("tenant: []", "tenants.yaml:1: unknown field 'tenant': write one of [tenants]");
    }

    @Test
    void refusesBudgetsThatAreNone() {
        budgetRefused("usd-per-day: 0", "usd-per-day is 0: write more than 0");
        budgetRefused("usd-per-month: -1", "usd-per-month is -1: write more than 0");
        budgetRefused("usd-per-month: 1000000001", "at most 1000000000");
        budgetRefused("tokens-per-day: 0", "tokens-per-day is 0: write 1 or more");
        budgetRefused("zone: Berlin", "zone is 'Berlin': write one such as Europe/Berlin or UTC");
        budgetRefused("usd-per-day: much", "'usd-per-day' cannot be read: write a number");
    }

    private static void budgetRefused(String budget, String reason) {
        refuses("tenants: [{ id: search, budget: { " + budget + " } }]", reason);
    }

    @Test
    void readsAWeightWithinItsBounds() {
        assertThat(TenantsReader.read("tenants.yaml", "tenants: [{ id: search, weight: 100 }, { id: mail }]"))
                .extracting(entry -> entry.tenant().weight())
                .containsExactly(100, 1);
        refuses("tenants: [{ id: search, weight: 0 }]", "tenants.yaml:1: weight is 0: write 1 to 100");
        refuses("tenants: [{ id: search, weight: 101 }]", "tenants.yaml:1: weight is 101: write 1 to 100");
        refuses(
                "tenants: [{ id: search, weight: much }]",
                "tenants.yaml:1: 'weight' cannot be read: write a whole number");
    }

    @Test
    void refusesWhatIsThereTwice() {
        refuses(
                "tenants: [{ id: search }, { id: search }]",
                "tenants.yaml:1: tenant 'search' is there twice: rename one");
        refuses("""
                tenants:
                  - { id: search, keys: [{ id: k1, sha256: %s }] }
                  - { id: mail, keys: [{ id: k1, sha256: %s }] }
                """.formatted(SHA_256, SHA_256), "tenants.yaml:3: key id 'k1' is there twice");
        refuses("""
                tenants:
                  - id: search
                    id: mail
                """, "tenants.yaml:3: Duplicate Object property \"id\"");
    }

    @Test
    void refusesIdsThatCouldNotBeLabelsOrPartsOfAKey() {
        refuses("tenants: [{ id: Search }]", "tenants.yaml:1: tenant id 'Search': write lower-case letters");
        refuses(
                "tenants: [{ id: %s }]".formatted("x".repeat(64)),
                "write lower-case letters, digits and hyphens, at most 63");
        refuses("tenants: [{ keys: [] }]", "tenants.yaml:1: tenant id 'null': write");
        refuses(
                "tenants: [{ id: search, keys: [{ id: k-1, sha256: %s }] }]".formatted(SHA_256),
                "tenants.yaml:1: key id 'k-1': write 1 to 32 letters and digits");
    }

    @Test
    void refusesWhatIsNoDigestWithoutShowingIt() {
        refuses(
                """
                tenants:
                  - id: search
                    keys:
                      - id: k1
                        sha256: dg-k1-secret
                """,
                "tenants.yaml:5: key 'k1': sha256 must be the 64 hex digits that 'keys create' prints",
                "dg-k1-secret");
        refuses("tenants: [{ id: search, keys: [{ id: k1 }] }]", "tenants.yaml:1: key 'k1': sha256 must be");
    }

    @Test
    void refusesLimitsThatAreNone() {
        refuses("""
                tenants:
                  - id: search
                    limits:
                      requests-per-minute: 0

                  - id: mail
                """, "tenants.yaml:4: requests-per-minute is 0: write 1 or more, or leave it out for no limit");
        refuses(
                limits("tokens-per-minute: many"),
                "tenants.yaml:1: 'tokens-per-minute' cannot be read: write a whole number");
        refuses(limits("concurrent-requests: 1.5"), "'concurrent-requests' cannot be read: write a whole number");
        refuses(limits("tokens-per-minute: 99999999999999999999"), "out of range");
    }

    @Test
    void refusesATimeWithoutZone() {
        refuses(
                "tenants: [{ id: search, keys: [{ id: k1, sha256: %s, expires: 2027-03-31 }] }]".formatted(SHA_256),
                "tenants.yaml:1: 'expires' cannot be read: write a time such as 2027-03-31T00:00:00Z");
    }

    @Test
    void refusesEmptyEntries() {
        refuses("tenants:\n  -\n", "tenants.yaml:2: 'tenants' has an entry that is empty");
        refuses("tenants: [{ id: search, keys: [null] }]", "'keys' has an entry that is empty");
        refuses("tenants: [{ id: search, models: [null] }]", "'models' has an entry that is empty");
    }

    @Test
    void saysWhichFormIsMissing() {
        refuses("", "tenants.yaml:1: the file cannot be read: write 'tenants:' and below it a list, or 'tenants: []'");
        refuses("# later", "or 'tenants: []' for none");
        refuses("hello", "tenants.yaml:1: the file cannot be read: write 'tenants:'");
        refuses("[]", "tenants.yaml:1: the file cannot be read: write 'tenants:'");
        refuses("tenants: hello", "tenants.yaml:1: 'tenants' cannot be read: write a list, each entry behind a '-'");
        refuses("tenants: [{ id: search, models: '*' }]", "'models' cannot be read: write a list");
        refuses("tenants: [search]", "'tenants' cannot be read: write its fields, each as 'name: value'");
        refuses("tenants: []\n---\ntenants: []", "tenants.yaml:2: the file cannot be read");
    }

    @Test
    void saysWhereTheTextIsNoYaml() {
        refuses("""
                tenants:
                \t- id: search
                """, "tenants.yaml:2: while scanning for the next token, found character '\\t(TAB)'");
        refuses("tenants: [", "tenants.yaml:1: while parsing a flow node");
    }

    private static String limits(String limits) {
        return "tenants: [{ id: search, limits: { %s } }]".formatted(limits);
    }

    private static void refuses(String yaml, String message, String... notIn) {
        assertThatExceptionOfType(InvalidTenantsException.class)
                .isThrownBy(() -> TenantsReader.read("tenants.yaml", yaml))
                .withMessageContaining(message)
                .satisfies(e ->
                        assertThat(e.getMessage()).startsWith("tenants.yaml").doesNotContain("io.deepgate", "java."))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"))
                .satisfies(e -> List.of(notIn)
                        .forEach(secret -> assertThat(e.getMessage()).doesNotContain(secret)));
    }
}

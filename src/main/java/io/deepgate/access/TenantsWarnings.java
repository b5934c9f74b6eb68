package io.deepgate.access;

import io.deepgate.access.TenantEntry.KeyEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a tenants file allows but hardly means, a sentence each behind the file and the line that it is about. */
final class TenantsWarnings {

    private final String file;
    private final TenantsText text;
    private final Instant now = Instant.now();
    private final List<String> all = new ArrayList<>();

    private TenantsWarnings(String file, TenantsText text) {
        this.file = file;
        this.text = text;
    }

    /** @param yaml where {@code entries} stand; those that do not have no line */
    static List<String> of(String file, String yaml, List<TenantEntry> entries) {
        TenantsWarnings warnings = new TenantsWarnings(file, new TenantsText(yaml));
        if (entries.isEmpty()) {
            warnings.all.add(
                    file + ": there are no tenants, so nobody can call; make one with 'keys create --tenant <id>'");
        }
        entries.forEach(warnings::look);
        return warnings.all;
    }

    private void look(TenantEntry tenant) {
        String name = "tenant '" + tenant.id() + "'";
        if (tenant.keys().isEmpty()) {
            add(
                    tenant,
                    name + " has no key, so it cannot call: make one with 'keys create --tenant " + tenant.id() + "'");
        } else if (tenant.keys().stream().allMatch(this::hasExpired)) {
            add(
                    tenant,
                    name + " has no key that is still valid, so it cannot call: make one with 'keys create --tenant "
                            + tenant.id() + "'");
        }
        if (tenant.shadow()) {
            add(tenant, name + " is in shadow mode: its limits and budget are counted, not enforced");
        }
        if (tenant.keepShadowPairs() && !tenant.shadowCalls()) {
            add(tenant, name + " has no shadow calls, so that no pairs of them are kept: write 'shadow-calls: true'");
        }
        List<String> models = tenant.tenant().models();
        if (models.isEmpty()) {
            add(tenant, name + " may call no model: list some, or leave 'models' out for all");
        }
        models.stream()
                .filter(model -> model.indexOf('*') >= 0 && model.indexOf('*') < model.length() - 1)
                .forEach(model -> add(
                        tenant,
                        name + " may call '" + model
                                + "', where the * is a letter like others: it stands for any ending"
                                + " only at the end"));
        tenant.keys().stream()
                .filter(this::hasExpired)
                .forEach(key -> all.add(place(file, text.lineOfKey(key.id())) + "key '" + key.id() + "' of " + name
                        + " expired on " + key.expires() + ": take it out with 'keys revoke --key " + key.id() + "'"));
    }

    private boolean hasExpired(KeyEntry key) {
        return key.expires() != null && !now.isBefore(key.expires());
    }

    private void add(TenantEntry tenant, String sentence) {
        all.add(place(file, text.lineOfTenant(tenant.id())) + sentence);
    }

    /** @param line 0 for something that is not in the file */
    static String place(String file, int line) {
        return line == 0 ? "" : file + ":" + line + ": ";
    }
}

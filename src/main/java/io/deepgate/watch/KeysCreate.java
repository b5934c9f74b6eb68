package io.deepgate.watch;

import io.deepgate.access.Tenant;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a key, shows it once and adds it to its tenant, which it also makes. */
@Command(name = "create", description = "Makes a key, shows it once, and adds it to the tenant, or makes the tenant.")
final class KeysCreate implements Callable<Integer> {

    @Option(names = "--tenant", required = true, description = "The tenant's id.")
    private String tenant = "";

    @Option(names = "--print", description = "Only print what to write; change no file.")
    private boolean print;

    @Mixin
    private final NewKey made = new NewKey();

    @Mixin
    private final TenantsOption tenants = new TenantsOption();

    @Override
    public Integer call() {
        tenants.require(Tenant.isId(tenant), "--tenant: write lower-case letters, digits and hyphens, at most 63");
        Instant expires = made.expires(tenants);
        if (print) {
            return print(expires);
        }
        return tenants.take((edit, file) -> {
            edit.add(tenant, made.key, made.created, expires);
            made.show(tenants);
            tenants.out().printf("It is in %s, for the tenant '%s', until %s.%n", file, tenant, expires);
        });
    }

    private int print(Instant expires) {
        made.show(tenants);
        tenants.out().printf("""
                For a new tenant, add this under 'tenants:' in the tenants file; for one that is there, only the key:

                  - id: %s
                    keys:
                      - { id: %s, sha256: %s, created: %s, expires: %s }
                    models: ["*"]
                    limits: { requests-per-minute: 600, tokens-per-minute: 2000000, concurrent-requests: 64 }
                """, tenant, made.key.id(), made.key.sha256Hex(), made.created, expires);
        tenants.out().flush();
        return 0;
    }
}

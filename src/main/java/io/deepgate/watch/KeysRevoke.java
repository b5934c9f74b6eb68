package io.deepgate.watch;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Ends a key at once. */
@Command(name = "revoke", description = "Takes a key out; calls with it are refused from then on.")
final class KeysRevoke implements Callable<Integer> {

    @Option(names = "--key", required = true, description = "The key's id.")
    private String id = "";

    @Mixin
    private final TenantsOption tenants = new TenantsOption();

    @Override
    public Integer call() {
        return tenants.take((edit, file) -> {
            String tenant = edit.revoke(id);
            tenants.out().printf("'%s' of the tenant '%s' is no longer in %s.%n", id, tenant, file);
        });
    }
}

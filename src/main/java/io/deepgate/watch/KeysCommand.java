package io.deepgate.watch;

import io.deepgate.access.ApiKey;
import io.deepgate.access.Tenant;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes tenants' API keys. */
@Command(name = "keys", description = "Makes tenants' API keys.", mixinStandardHelpOptions = true)
final class KeysCommand {

    private static final int MOST_DAYS = 3650;

    @Spec
    private @Nullable CommandSpec spec;

    /** Prints a new key, once, and what to write into the tenants file. */
    @Command(name = "create", description = "Prints a new API key, once, and the YAML for the tenants file.")
    int create(
            @Option(names = "--tenant", required = true, description = "The tenant's id.") String tenant,
            @Option(
                            names = "--days",
                            defaultValue = "365",
                            description = "Days until the key expires, 1 to 3650; default 365.")
                    int days) {
        require(Tenant.isId(tenant), "--tenant: write lower-case letters, digits and hyphens, at most 63");
        require(days >= 1 && days <= MOST_DAYS, "--days: write 1 to " + MOST_DAYS);
        ApiKey key = ApiKey.generate();
        Instant expires = Instant.now().truncatedTo(ChronoUnit.DAYS).plus(days, ChronoUnit.DAYS);
        out().printf("""
                The key, shown this once. Hand it to the tenant:

                    %s

                For a new tenant, add this under 'tenants:' in config/tenants.yaml; for one that is there, only the key:

                  - id: %s
                    keys:
                      - id: %s
                        sha256: %s
                        expires: %s
                    models: ["*"]
                    limits: { requests-per-minute: 600, tokens-per-minute: 2000000, concurrent-requests: 64 }
                """, key.value(), tenant, key.id(), key.sha256Hex(), expires);
        out().flush();
        return 0;
    }

    private void require(boolean right, String message) {
        if (!right) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
        }
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }
}

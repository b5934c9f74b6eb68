package io.deepgate.watch;

import io.deepgate.access.AccessKey;
import io.deepgate.access.ApiKey;
import io.deepgate.access.InvalidTenantsException;
import io.deepgate.access.Tenant;
import io.deepgate.access.TenantsEdit;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes, lists, rotates and revokes tenants' API keys in the tenants file; a running gateway follows within a second. */
@Command(
        name = "keys",
        description = "Makes, lists, rotates and revokes tenants' API keys in the tenants file.",
        mixinStandardHelpOptions = true)
final class KeysCommand {

    private static final int MOST_DAYS = 3650;

    @Spec
    private @Nullable CommandSpec spec;

    /** Where the tenants are. */
    static final class TenantsOption {

        @Option(
                names = "--file",
                description = "The tenants file; by default the gateway's, gateway.access.tenants-file.")
        private @Nullable Path file;

        private Path file(Environment environment) {
            return file != null
                    ? file
                    : Path.of(environment.getProperty("gateway.access.tenants-file", "config/tenants.yaml"));
        }
    }

    /** How long a new key is valid. */
    static final class DaysOption {

        @Option(
                names = "--days",
                defaultValue = "365",
                description = "Days until the new key expires, 1 to 3650; default 365.")
        private int days;
    }

    /** Makes a key, shows it once and adds it to its tenant, which it also makes. */
    @Command(
            name = "create",
            description = "Makes a key, shows it once, and adds it to the tenant, or makes the tenant.")
    int create(
            @Option(names = "--tenant", required = true, description = "The tenant's id.") String tenant,
            @Option(names = "--print", description = "Only print what to write; change no file.") boolean print,
            @Mixin DaysOption days,
            @Mixin TenantsOption tenants) {
        require(Tenant.isId(tenant), "--tenant: write lower-case letters, digits and hyphens, at most 63");
        ApiKey key = ApiKey.generate();
        Instant created = now();
        Instant expires = expiry(days.days);
        if (print) {
            return print(tenant, key, created, expires);
        }
        return change(tenants, (edit, file) -> {
            edit.add(tenant, key, created, expires);
            show(key);
            out().printf("It is in %s, for the tenant '%s', until %s.%n", file, tenant, expires);
        });
    }

    private int print(String tenant, ApiKey key, Instant created, Instant expires) {
        show(key);
        out().printf("""
                For a new tenant, add this under 'tenants:' in the tenants file; for one that is there, only the key:

                  - id: %s
                    keys:
                      - { id: %s, sha256: %s, created: %s, expires: %s }
                    models: ["*"]
                    limits: { requests-per-minute: 600, tokens-per-minute: 2000000, concurrent-requests: 64 }
                """, tenant, key.id(), key.sha256Hex(), created, expires);
        out().flush();
        return 0;
    }

    /** Makes the successor of a key, which stays valid for a while. */
    @Command(
            name = "rotate",
            description = "Makes a key's successor and shows it once; the old one ends a while later.")
    int rotate(
            @Option(names = "--key", required = true, description = "The old key's id.") String id,
            @Option(
                            names = "--overlap",
                            defaultValue = "7d",
                            description = "How long the old key stays valid, such as 12h; default 7d.")
                    String overlap,
            @Mixin DaysOption days,
            @Mixin TenantsOption tenants) {
        ApiKey key = ApiKey.generate();
        Instant end = now().plus(duration(overlap));
        Instant expires = expiry(days.days);
        return change(tenants, (edit, file) -> {
            String tenant = edit.rotate(id, end, key, now(), expires);
            show(key);
            out().printf(
                            "It is in %s, for the tenant '%s', until %s. '%s' ends by %s.%n",
                            file, tenant, expires, id, end);
        });
    }

    /** Ends a key at once. */
    @Command(name = "revoke", description = "Takes a key out; calls with it are refused from then on.")
    int revoke(
            @Option(names = "--key", required = true, description = "The key's id.") String id,
            @Mixin TenantsOption tenants) {
        return change(tenants, (edit, file) -> {
            String tenant = edit.revoke(id);
            out().printf("'%s' of the tenant '%s' is no longer in %s.%n", id, tenant, file);
        });
    }

    /** Shows the keys there are, and when each was used last if the gateway runs on this machine. */
    @Command(name = "list", description = "Shows the keys: age, expiry, and last use if the gateway runs here.")
    int list(@Mixin TenantsOption tenants) {
        return change(tenants, (edit, file) -> {
            Map<String, Instant> used = LastUse.ofRunningGateway(environment());
            String row = "%-20s %-12s %-9s %-21s %s%n";
            out().printf(row, "TENANT", "KEY", "AGE", "EXPIRES", "LAST USE");
            for (AccessKey key : edit.keys()) {
                Instant last = used.get(key.id());
                out().printf(
                                row,
                                key.tenant(),
                                key.id(),
                                key.created() == null ? "unknown" : age(key.created()),
                                key.expires() == null ? "never" : key.expires(),
                                last == null ? "unknown" : last.truncatedTo(ChronoUnit.SECONDS));
            }
        });
    }

    private interface Change {
        void in(TenantsEdit edit, Path file);
    }

    private int change(TenantsOption tenants, Change change) {
        Path file = tenants.file(environment());
        try {
            change.in(new TenantsEdit(file), file);
            return 0;
        } catch (InvalidTenantsException e) {
            out().println("error: " + e.getMessage());
            return 1;
        } finally {
            out().flush();
        }
    }

    private static Environment environment() {
        return Settings.readAgain(new StandardEnvironment());
    }

    private void show(ApiKey key) {
        out().printf("The key, shown this once. Hand it to the tenant:%n%n    %s%n%n", key.value());
    }

    private Instant expiry(int days) {
        require(days >= 1 && days <= MOST_DAYS, "--days: write 1 to " + MOST_DAYS);
        return Instant.now().truncatedTo(ChronoUnit.DAYS).plus(days, ChronoUnit.DAYS);
    }

    private Duration duration(String overlap) {
        try {
            Duration duration = DurationStyle.detectAndParse(overlap);
            require(!duration.isNegative(), "--overlap: write 0s or more");
            return duration;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(commandSpec().commandLine(), "--overlap: write a duration such as 12h or 7d");
        }
    }

    private static String age(Instant created) {
        Duration age = Duration.between(created, Instant.now());
        return age.toDays() > 0 ? age.toDays() + " d" : age.toHours() + " h";
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    private void require(boolean right, String message) {
        if (!right) {
            throw new ParameterException(commandSpec().commandLine(), message);
        }
    }

    private CommandSpec commandSpec() {
        return Objects.requireNonNull(spec);
    }

    private PrintWriter out() {
        return commandSpec().commandLine().getOut();
    }
}

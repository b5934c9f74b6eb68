package io.deepgate.watch;

import io.deepgate.access.AccessKey;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Shows the keys there are, and when each was used last, as the ledger has it. */
@Command(name = "list", description = "Shows the keys: age, expiry, and the hour of the last use.")
final class KeysList implements Callable<Integer> {

    private static final String ROW = "%-20s %-12s %-9s %-21s %s%n";
    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH'h UTC'").withZone(ZoneOffset.UTC);

    @ParentCommand
    private @Nullable KeysCommand keys;

    @Mixin
    private final TenantsOption tenants = new TenantsOption();

    @Override
    public Integer call() {
        return tenants.take((edit, file) -> {
            List<AccessKey> all = edit.keys();
            Map<String, Instant> used = lastUse(all);
            tenants.out().printf(ROW, "TENANT", "KEY", "AGE", "EXPIRES", "LAST USE");
            for (AccessKey key : all) {
                Instant last = used == null ? null : used.get(key.id());
                tenants.out()
                        .printf(
                                ROW,
                                key.tenant(),
                                key.id(),
                                key.created() == null ? "unknown" : age(key.created()),
                                key.expires() == null ? "never" : key.expires(),
                                used == null ? "unknown" : last == null ? "never" : HOUR.format(last));
            }
        });
    }

    /** Null where the ledger cannot be read, which is said. */
    private @Nullable Map<String, Instant> lastUse(List<AccessKey> all) {
        List<String> ids = all.stream().map(AccessKey::tenant).distinct().toList();
        try {
            return OpenLedger.read(
                    Objects.requireNonNull(keys).application, report -> report.lastUseNow(ids, Instant.EPOCH));
        } catch (OpenLedger.UnreadableException e) {
            tenants.err().println(e.getMessage());
            tenants.err().flush();
            return null;
        }
    }

    private static String age(Instant created) {
        Duration age = Duration.between(created, Instant.now());
        return age.toDays() > 0 ? age.toDays() + " d" : age.toHours() + " h";
    }
}

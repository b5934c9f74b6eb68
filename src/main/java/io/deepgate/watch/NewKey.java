package io.deepgate.watch;

import io.deepgate.access.ApiKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Option;

/** A key that a command makes. */
final class NewKey {

    private static final int MOST_DAYS = 3650;

    @Option(
            names = "--days",
            defaultValue = "365",
            description = "Days until the new key expires, 1 to 3650; default 365.")
    private int days;

    final ApiKey key = ApiKey.generate();
    final Instant created = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    /** When it expires, as it was asked for. */
    Instant expires(TenantsOption tenants) {
        tenants.require(days >= 1 && days <= MOST_DAYS, "--days: write 1 to " + MOST_DAYS);
        return created.truncatedTo(ChronoUnit.DAYS).plus(days, ChronoUnit.DAYS);
    }

    void show(TenantsOption tenants) {
        tenants.out().printf("The key, shown this once. Hand it to the tenant:%n%n    %s%n%n", key.value());
    }
}

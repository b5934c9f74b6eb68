package io.deepgate.usage;

import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where calls are accounted for. The ledger's database is Spring Boot's {@code spring.datasource}.
 *
 * @param directory where the journal is, and the ledger too unless {@code spring.datasource.url} says otherwise
 * @param journalLimit how large the journal may grow while the ledger cannot be written, 1 MB to 1 TB
 * @param journalFull what happens to calls when it is that large
 * @param keepCalls how long single calls are kept, at least 40 days, so that a month can be looked at; the sums by hour
 *     are kept forever
 */
@ConfigurationProperties("gateway.usage")
public record UsageProperties(
        @DefaultValue("./data") String directory,
        @DefaultValue("1GB") DataSize journalLimit,
        @DefaultValue("admit") JournalFull journalFull,
        @DefaultValue("90d") Duration keepCalls) {

    private static final Duration SHORTEST = Duration.ofDays(40);

    public UsageProperties {
        // As the URL of the database file wants it.
        if (!directory.startsWith("./") && !Path.of(directory).isAbsolute()) {
            throw new IllegalArgumentException("gateway.usage.directory is '" + directory
                    + "': write it from the root, or with ./ before it from where the gateway is started");
        }
        if (journalLimit.toMegabytes() < 1 || journalLimit.toTerabytes() > 1) {
            throw new IllegalArgumentException("gateway.usage.journal-limit is " + journalLimit + ": write 1MB to 1TB");
        }
        if (keepCalls.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("gateway.usage.keep-calls is " + keepCalls + ": write 40d or more");
        }
    }

    Path journal() {
        return Path.of(directory, "journal");
    }

    /** What happens to calls when the journal is full. */
    public enum JournalFull {
        /** They are served, counted by {@code gateway.usage.unrecorded}, and missing in the ledger. */
        ADMIT,
        /** They are refused. */
        REFUSE
    }
}

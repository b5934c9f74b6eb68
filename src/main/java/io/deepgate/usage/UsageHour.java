package io.deepgate.usage;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;

/**
 * What calls are summed by.
 *
 * @param starting the full hour in which they began, UTC
 * @param model the slug, {@code none} for calls that ended before they had one
 */
record UsageHour(String tenant, LocalDateTime starting, String keyId, String model) implements Comparable<UsageHour> {

    private static final String NO_MODEL = "none";
    private static final Comparator<UsageHour> ORDER = Comparator.comparing(UsageHour::tenant)
            .thenComparing(UsageHour::starting)
            .thenComparing(UsageHour::keyId)
            .thenComparing(UsageHour::model);

    static UsageHour of(CallRecord call) {
        return new UsageHour(
                call.tenant(),
                LocalDateTime.ofInstant(call.startedAt(), ZoneOffset.UTC).truncatedTo(ChronoUnit.HOURS),
                call.keyId(),
                call.slug() == null ? NO_MODEL : call.slug());
    }

    @Override
    public int compareTo(UsageHour other) {
        return ORDER.compare(this, other);
    }
}

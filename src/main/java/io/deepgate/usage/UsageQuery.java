package io.deepgate.usage;

import io.deepgate.api.InvalidRequestException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.ValueRange;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which usage, and summed by what.
 *
 * @param tenant whose, null for everybody's
 * @param model of which slug, null for all
 * @param from a full hour, included
 * @param to a full hour, not included
 * @param limit rows at most, 1 to 1000
 * @param offset rows before the first that is wanted
 */
public record UsageQuery(
        @Nullable String tenant,
        @Nullable String model,
        Instant from,
        Instant to,
        List<UsageGroup> by,
        int limit,
        int offset) {

    /** The most rows of an answer. */
    public static final int MOST = 1000;

    private static final int LAST_OFFSET = 1_000_000;
    private static final ValueRange YEARS = ValueRange.of(1, 9998);
    private static final Duration LONGEST = Duration.ofDays(400);

    /**
     * Reads {@code tenant}, {@code model}, {@code from}, {@code to}, {@code by}, {@code limit} and {@code offset}; without
     * them this month's days.
     *
     * @throws InvalidRequestException if one of them cannot be read, or asks for too much
     */
    public static UsageQuery of(Map<String, String> parameters, Clock clock) {
        Instant now = clock.instant();
        LocalDate today = now.atOffset(ZoneOffset.UTC).toLocalDate();
        Instant from = time(parameters, "from", start(today.withDayOfMonth(1)));
        Instant to = time(parameters, "to", start(today.plusDays(1)));
        if (!from.isBefore(to) || Duration.between(from, to).compareTo(LONGEST) > 0) {
            throw invalid("from", "'from' must be before 'to', by 400 days at most.");
        }
        return new UsageQuery(
                parameters.get("tenant"),
                parameters.get("model"),
                from.truncatedTo(ChronoUnit.HOURS),
                to.plus(Duration.ofHours(1).minusNanos(1)).truncatedTo(ChronoUnit.HOURS),
                groups(parameters.getOrDefault("by", "day")),
                number(parameters, "limit", 100, 1, MOST),
                number(parameters, "offset", 0, 0, LAST_OFFSET));
    }

    /** The same of one tenant only, which the caller cannot choose. */
    public UsageQuery ofTenant(String tenant) {
        return new UsageQuery(tenant, model, from, to, by, limit, offset);
    }

    /** The rows after these. */
    public UsageQuery next() {
        return new UsageQuery(tenant, model, from, to, by, limit, offset + limit);
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    /**
     * Reads a day, which is its start in UTC, or a time.
     *
     * @throws InvalidRequestException if it can be read as neither
     */
    public static Instant time(Map<String, String> parameters, String name, Instant otherwise) {
        String text = parameters.get(name);
        try {
            if (text == null) {
                return otherwise;
            }
            Instant time = text.contains("T") ? Instant.parse(text) : start(LocalDate.parse(text));
            // Years that databases know as well.
            YEARS.checkValidValue(time.atOffset(ZoneOffset.UTC).getYear(), ChronoField.YEAR);
            return time;
        } catch (DateTimeException e) {
            throw invalid(
                    name, "'" + name + "' must be a day such as 2026-11-01 or a time such as 2026-11-01T06:00:00Z.");
        }
    }

    private static List<UsageGroup> groups(String text) {
        try {
            return Arrays.stream(text.split(","))
                    .map(name -> UsageGroup.valueOf(name.strip().toUpperCase(Locale.ROOT)))
                    .distinct()
                    .toList();
        } catch (IllegalArgumentException e) {
            throw invalid(
                    "by", "'by' must be of hour, day, tenant, model, key, or several of them with commas between.");
        }
    }

    private static int number(Map<String, String> parameters, String name, int otherwise, int least, int most) {
        String text = Objects.requireNonNullElse(parameters.get(name), Integer.toString(otherwise));
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told as any other number that is not one of these.
        }
        throw invalid(name, "'" + name + "' must be " + least + " to " + most + ".");
    }

    private static InvalidRequestException invalid(String name, String message) {
        return new InvalidRequestException("invalid_value", name, message);
    }
}

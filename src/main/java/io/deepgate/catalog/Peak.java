package io.deepgate.catalog;

import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Times when tokens cost more, or less.
 *
 * @param factor what prices are multiplied with, more than 0 and at most 100
 * @param zone where the days, hours and holidays are
 * @param hours such as {@code 01:00-04:00}, the end not included, {@code 24:00} for the end of the day
 * @param holidays days that have no such times
 */
public record Peak(
        BigDecimal factor,
        @DefaultValue("UTC") ZoneId zone,
        @DefaultValue Set<DayOfWeek> days,
        @DefaultValue List<Hours> hours,
        @DefaultValue Set<LocalDate> holidays) {

    private static final BigDecimal HIGHEST_FACTOR = BigDecimal.valueOf(100);

    public Peak {
        if (factor == null || factor.signum() <= 0 || factor.compareTo(HIGHEST_FACTOR) > 0) {
            throw new IllegalArgumentException(
                    "the factor of a peak is " + factor + ": write more than 0 and at most 100");
        }
        if (days.isEmpty() || hours.isEmpty()) {
            throw new IllegalArgumentException("a peak without days or without hours never comes: write both");
        }
    }

    boolean covers(Instant moment) {
        ZonedDateTime local = moment.atZone(zone);
        int minute = local.get(ChronoField.MINUTE_OF_DAY);
        for (Hours one : hours) {
            if (minute >= one.from && minute < one.to) {
                return days.contains(local.getDayOfWeek()) && !holidays.contains(local.toLocalDate());
            }
        }
        return false;
    }

    /** A part of a day, in its minutes. */
    public record Hours(int from, int to) {

        private static final Pattern FORM = Pattern.compile("(\\d\\d):([0-5]\\d)-(\\d\\d):([0-5]\\d)");
        private static final int DAY = 24 * 60;

        /** Reads {@code 01:00-04:00}. */
        public static Hours of(String text) {
            Matcher form = FORM.matcher(text.strip());
            if (form.matches()) {
                var hours = new Hours(minute(form.group(1), form.group(2)), minute(form.group(3), form.group(4)));
                if (hours.from < hours.to && hours.to <= DAY) {
                    return hours;
                }
            }
            throw new IllegalArgumentException("'" + text
                    + "' are no hours: write 01:00-04:00; over midnight as two, 22:00-24:00 and 00:00-02:00");
        }

        private static int minute(String hour, String minute) {
            return Integer.parseInt(hour) * 60 + Integer.parseInt(minute);
        }
    }
}

package io.deepgate.catalog;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What tokens cost, by slug and by when a call began. */
public final class Prices {

    private record Row(
            Instant from,
            Price price,
            Price atPeak,
            @Nullable Peak peak) {}

    /** The rows of a slug, the latest first. */
    private final Map<String, List<Row>> rows = new HashMap<>();

    /** @throws IllegalArgumentException naming the key of a price that is malformed */
    public Prices(Map<String, List<Price.Row>> prices, Map<String, Peak> peaks) {
        prices.forEach((slug, list) -> rows.put(
                slug,
                list.stream()
                        .map(row -> row("gateway.catalog.prices." + slug, row, peaks))
                        .sorted(Comparator.comparing(Row::from).reversed())
                        .toList()));
    }

    private static Row row(String key, Price.Row row, Map<String, Peak> peaks) {
        Peak peak = row.peak() == null ? null : peaks.get(row.peak());
        if (row.peak() != null && peak == null) {
            throw new IllegalArgumentException(
                    key + ": the peak '" + row.peak() + "' is none of gateway.catalog.peaks: " + peaks.keySet());
        }
        try {
            Price price = row.times(BigDecimal.ONE);
            return new Row(row.from(), price, peak == null ? price : row.times(peak.factor()), peak);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + " " + e.getMessage());
        }
    }

    /** What {@code slug} costs a call that began at {@code start}, or null if that is not known. */
    public @Nullable Price of(String slug, Instant start) {
        return of(slug, start, start);
    }

    /** The same by the row that is valid at {@code valid}. */
    @Nullable
    Price of(String slug, Instant valid, Instant start) {
        for (Row row : rows.getOrDefault(slug, List.of())) {
            if (!row.from.isAfter(valid)) {
                return row.peak != null && row.peak.covers(start) ? row.atPeak : row.price;
            }
        }
        return null;
    }

    /** The slugs that have a price, now or at another time. */
    Set<String> slugs() {
        return rows.keySet();
    }
}

package io.deepgate.usage;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * An export of DeepSeek's usage page: CSV whose columns are known by their names, in any order. A row has all kinds of
 * tokens, or, as in DeepSeek's own exports, one kind, which its column {@code type} names.
 */
public final class UsageExport {

    private static final List<String> DATE = List.of("date", "utc_date", "day");
    private static final List<String> MODEL = List.of("model", "model_name");
    private static final List<String> CACHED =
            List.of("input_cached", "input_cache_hit_tokens", "prompt_cache_hit_tokens", "cache_hit_tokens");
    private static final List<String> UNCACHED =
            List.of("input_uncached", "input_cache_miss_tokens", "prompt_cache_miss_tokens", "cache_miss_tokens");
    private static final List<String> OUTPUT = List.of("output", "output_tokens", "completion_tokens");
    private static final List<String> COST = List.of("cost_usd", "cost", "amount_usd");

    /** A day, UTC, and a slug. */
    record DayAndModel(LocalDate day, String model) implements Comparable<DayAndModel> {

        @Override
        public int compareTo(DayAndModel other) {
            int byDay = day.compareTo(other.day);
            return byDay != 0 ? byDay : model.compareTo(other.model);
        }
    }

    /** Tokens by kind, and dollars. */
    record Figures(long cached, long uncached, long output, BigDecimal usd) {

        static final Figures NONE = new Figures(0, 0, 0, BigDecimal.ZERO);

        Figures plus(Figures more) {
            return new Figures(cached + more.cached, uncached + more.uncached, output + more.output, usd.add(more.usd));
        }
    }

    private final Map<DayAndModel, Figures> rows = new TreeMap<>();

    private UsageExport() {}

    /** @throws IllegalArgumentException if a column is missing, or a value cannot be read; says which */
    public static UsageExport read(Path file) throws IOException {
        UsageExport export = new UsageExport();
        CsvSchema header = CsvSchema.emptySchema().withHeader();
        try (MappingIterator<Map<String, String>> lines = CsvMapper.builder()
                .enable(CsvReadFeature.TRIM_SPACES, CsvReadFeature.SKIP_EMPTY_LINES)
                .build()
                .readerForMapOf(String.class)
                .with(header)
                .readValues(file)) {
            while (lines.hasNext()) {
                export.add(lowerCase(lines.next()));
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
        return export;
    }

    Map<DayAndModel, Figures> rows() {
        return rows;
    }

    private static Map<String, String> lowerCase(Map<String, String> line) {
        Map<String, String> lower = new HashMap<>();
        // A byte order mark may stand before the first name.
        line.forEach((name, value) -> lower.put(
                name.replace("\ufeff", "").strip().toLowerCase(Locale.ROOT).replace(' ', '_'), value.strip()));
        return lower;
    }

    private void add(Map<String, String> line) {
        try {
            DayAndModel key = new DayAndModel(LocalDate.parse(required(line, DATE)), required(line, MODEL));
            rows.merge(key, line.containsKey("type") ? oneKind(line) : allKinds(line), Figures::plus);
        } catch (ArithmeticException | NumberFormatException | DateTimeException e) {
            throw new IllegalArgumentException("the line " + line + " cannot be read", e);
        }
    }

    private static Figures allKinds(Map<String, String> line) {
        String cost = value(line, COST);
        return new Figures(
                tokens(required(line, CACHED)),
                tokens(required(line, UNCACHED)),
                tokens(required(line, OUTPUT)),
                new BigDecimal(cost == null ? required(line, List.of("amount")) : cost));
    }

    /** {@code amount} is of tokens, {@code price} of one of them. */
    private static Figures oneKind(Map<String, String> line) {
        String type = required(line, List.of("type")).toLowerCase(Locale.ROOT);
        BigDecimal amount = new BigDecimal(required(line, List.of("amount")));
        String price = value(line, List.of("price"));
        BigDecimal usd = price == null || price.isEmpty() ? BigDecimal.ZERO : amount.multiply(new BigDecimal(price));
        long tokens = amount.longValueExact();
        return new Figures(
                CACHED.contains(type) ? tokens : 0,
                UNCACHED.contains(type) ? tokens : 0,
                OUTPUT.contains(type) ? tokens : 0,
                usd);
    }

    private static long tokens(String text) {
        return text.isEmpty() ? 0 : new BigDecimal(text).longValueExact();
    }

    private static String required(Map<String, String> line, List<String> names) {
        String value = value(line, names);
        if (value == null) {
            throw new IllegalArgumentException("there is no column " + String.join(" or ", names));
        }
        return value;
    }

    private static @Nullable String value(Map<String, String> line, List<String> names) {
        return names.stream()
                .filter(line::containsKey)
                .findFirst()
                .map(line::get)
                .orElse(null);
    }
}

package io.deepgate.usage;

import io.deepgate.usage.UsageReport.Page;
import io.deepgate.usage.UsageReport.Row;
import java.math.BigDecimal;
import java.util.List;
import java.util.StringJoiner;
import tools.jackson.core.JsonGenerator;

/** Usage as people and programs read it; money is US dollars. */
public final class UsageText {

    private static final List<String> COLUMNS = List.of(
            "calls",
            "input_cached",
            "input_uncached",
            "output",
            "reasoning",
            "cost_usd",
            "unpriced_calls",
            "estimated_calls",
            "estimated_tokens",
            "estimated_cost_usd");

    private UsageText() {}

    /** A line of CSV with the columns' names, and one for each row. None of the values needs quotes. */
    public static String csv(Page page) {
        return header(page.query()) + lines(page);
    }

    /** The line with the columns' names. */
    public static String header(UsageQuery query) {
        StringJoiner line = new StringJoiner(",", "", "\n");
        query.by().forEach(group -> line.add(group.label()));
        COLUMNS.forEach(line::add);
        return line.toString();
    }

    /** A line of CSV for each row. */
    public static String lines(Page page) {
        StringBuilder lines = new StringBuilder();
        for (Row row : page.rows()) {
            StringJoiner line = new StringJoiner(",", "", "\n");
            row.common().forEach(line::add);
            figures(row.sums()).forEach(figure -> line.add(figure.toPlainString()));
            lines.append(line);
        }
        return lines.toString();
    }

    /** Lines of CSV with as many blanks in them as stand the columns below each other. */
    public static String aligned(String csv) {
        List<String[]> lines = csv.lines().map(line -> line.split(",", -1)).toList();
        int[] widths = new int[lines.getFirst().length];
        for (String[] line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        StringBuilder aligned = new StringBuilder();
        for (String[] line : lines) {
            for (int i = 0; i < widths.length; i++) {
                String blanks = " ".repeat(widths[i] - line[i].length());
                boolean number = !line[i].isEmpty() && Character.isDigit(line[i].charAt(line[i].length() - 1));
                aligned.append(number ? blanks + line[i] : line[i] + blanks).append("  ");
            }
            aligned.append('\n');
        }
        return aligned.toString();
    }

    /** Writes the members of an object: from, to, rows, and where the rows after them begin, null if there are none. */
    public static void json(Page page, JsonGenerator json) {
        UsageQuery query = page.query();
        json.writeStringProperty("from", query.from().toString());
        json.writeStringProperty("to", query.to().toString());
        json.writeName("rows").writeStartArray();
        for (Row row : page.rows()) {
            json.writeStartObject();
            for (int i = 0; i < row.common().size(); i++) {
                json.writeStringProperty(query.by().get(i).label(), row.common().get(i));
            }
            List<BigDecimal> figures = figures(row.sums());
            for (int i = 0; i < figures.size(); i++) {
                json.writeNumberProperty(COLUMNS.get(i), figures.get(i));
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        if (page.more()) {
            json.writeNumberProperty("next_offset", query.next().offset());
        } else {
            json.writeNullProperty("next_offset");
        }
    }

    private static List<BigDecimal> figures(UsageSums sums) {
        return List.of(
                BigDecimal.valueOf(sums.calls()),
                BigDecimal.valueOf(sums.inputCached()),
                BigDecimal.valueOf(sums.inputUncached()),
                BigDecimal.valueOf(sums.output()),
                BigDecimal.valueOf(sums.reasoning()),
                usd(sums.costNanos()),
                BigDecimal.valueOf(sums.unpricedCalls()),
                BigDecimal.valueOf(sums.estimatedCalls()),
                BigDecimal.valueOf(sums.estimatedTokens()),
                usd(sums.estimatedCostNanos()));
    }

    /** Nanodollars as dollars, to the last digit. */
    public static BigDecimal usd(long nanos) {
        return BigDecimal.valueOf(nanos, 9);
    }
}

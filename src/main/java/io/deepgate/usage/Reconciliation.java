package io.deepgate.usage;

import io.deepgate.usage.UsageExport.DayAndModel;
import io.deepgate.usage.UsageExport.Figures;
import io.deepgate.usage.UsageReport.Page;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;

/** The ledger's month beside the upstream's own figures, by day and model. */
public final class Reconciliation {

    private static final String HEADER = "day,model,ledger_cached,ledger_uncached,ledger_output,ledger_usd,"
            + "difference_cached,difference_uncached,difference_output,difference_usd,estimated_share\n";

    private final UsageExport export;
    private final YearMonth month;
    private final Map<DayAndModel, UsageSums> ledger = new HashMap<>();

    public Reconciliation(UsageExport export, YearMonth month) {
        this.export = export;
        this.month = month;
    }

    /** Adds rows of the ledger, by day and model. */
    public void add(Page page) {
        page.rows().forEach(row -> {
            UsageSums sums = row.sums();
            if (sums.inputCached() + sums.inputUncached() + sums.output() > 0) {
                ledger.put(
                        new DayAndModel(
                                LocalDate.parse(row.common().getFirst()),
                                row.common().getLast()),
                        sums);
            }
        });
    }

    /** As CSV: for each day and model that either has, what the ledger has, what it has more, and how sure it is. */
    public String lines() {
        Set<DayAndModel> keys = new TreeSet<>(ledger.keySet());
        export.rows().keySet().stream()
                .filter(key -> YearMonth.from(key.day()).equals(month))
                .forEach(keys::add);
        StringBuilder lines = new StringBuilder(HEADER);
        keys.forEach(key -> lines.append(line(key)));
        return lines.toString();
    }

    private String line(DayAndModel key) {
        UsageSums ours = ledger.getOrDefault(key, UsageSums.NONE);
        Figures theirs = export.rows().getOrDefault(key, Figures.NONE);
        BigDecimal usd = UsageText.usd(ours.costNanos());
        return new StringJoiner(",", "", "\n")
                .add(key.day().toString())
                .add(key.model())
                .add(Long.toString(ours.inputCached()))
                .add(Long.toString(ours.inputUncached()))
                .add(Long.toString(ours.output()))
                .add(usd.toPlainString())
                .add(Long.toString(ours.inputCached() - theirs.cached()))
                .add(Long.toString(ours.inputUncached() - theirs.uncached()))
                .add(Long.toString(ours.output() - theirs.output()))
                .add(usd.subtract(theirs.usd()).toPlainString())
                .add(share(ours))
                .toString();
    }

    /** Of the ledger's tokens those that are an estimate, to a thousandth. */
    private static String share(UsageSums sums) {
        long tokens = sums.inputCached() + sums.inputUncached() + sums.output();
        return tokens == 0
                ? "0.000"
                : BigDecimal.valueOf(sums.estimatedTokens())
                        .divide(BigDecimal.valueOf(tokens), 3, RoundingMode.HALF_UP)
                        .toPlainString();
    }
}

package io.deepgate.watch;

import io.deepgate.usage.Reconciliation;
import io.deepgate.usage.UsageExport;
import io.deepgate.usage.UsageGroup;
import io.deepgate.usage.UsageQuery;
import io.deepgate.usage.UsageReport;
import io.deepgate.usage.UsageReport.Page;
import io.deepgate.usage.UsageText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reads the ledger, beside a gateway that runs or without one. */
@Command(name = "usage", description = "Prints a month's usage, for charge-back.", mixinStandardHelpOptions = true)
final class UsageCommand implements Callable<Integer> {

    private final Class<?> application;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--month", description = "Such as 2026-11; its days are UTC's. Without it, this month.")
    private YearMonth month = YearMonth.now(ZoneOffset.UTC);

    @Option(names = "--by", split = ",", description = "Of hour, day, tenant, model, key; default tenant,model.")
    private List<UsageGroup> by = List.of(UsageGroup.TENANT, UsageGroup.MODEL);

    @Option(names = "--csv", description = "Prints CSV; without it, aligned columns.")
    private boolean csv;

    UsageCommand(Class<?> application) {
        this.application = application;
    }

    @Override
    public Integer call() {
        return read(report -> {
            StringBuilder lines = new StringBuilder(UsageText.header(query(by)));
            eachPage(report, by, page -> lines.append(UsageText.lines(page)));
            out().print(csv ? lines : UsageText.aligned(lines.toString()));
        });
    }

    /** Compares the month with what DeepSeek says; the exit code is 0, or 1 if something could not be read. */
    @Command(description = "Compares a month with an export (CSV) of DeepSeek's usage page, by day and model.")
    int reconcile(
            @Option(names = "--month", required = true, description = "Such as 2026-11.") YearMonth month,
            @Option(names = "--file", required = true, description = "The export.") Path file)
            throws IOException {
        this.month = month;
        UsageExport export;
        try {
            export = UsageExport.read(file);
        } catch (IllegalArgumentException e) {
            err().println(file + ": " + e.getMessage());
            return 1;
        }
        List<UsageGroup> groups = List.of(UsageGroup.DAY, UsageGroup.MODEL);
        return read(report -> {
            Reconciliation reconciliation = new Reconciliation(export, month);
            eachPage(report, groups, reconciliation::add);
            out().print(UsageText.aligned(reconciliation.lines()));
        });
    }

    private int read(Consumer<UsageReport> reading) {
        try {
            OpenLedger.read(application, report -> {
                reading.accept(report);
                return report;
            });
            out().flush();
            return 0;
        } catch (OpenLedger.UnreadableException e) {
            err().println(e.getMessage());
            return 1;
        }
    }

    private void eachPage(UsageReport report, List<UsageGroup> groups, Consumer<Page> each) {
        Page page = report.readNow(query(groups));
        each.accept(page);
        while (page.more()) {
            page = report.readNow(page.query().next());
            each.accept(page);
        }
    }

    private UsageQuery query(List<UsageGroup> groups) {
        return new UsageQuery(
                null,
                null,
                month.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC),
                month.plusMonths(1).atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC),
                groups,
                UsageQuery.MOST,
                0);
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    private PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }
}

package io.deepgate.watch.replay;

import io.deepgate.catalog.CatalogProperties;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a team's own cases of two models, and says what one does worse. */
@Command(
        name = "replay",
        description = "Asks a team's own cases of two models. Exits 0 if nothing is worse, 1 if something is or is not"
                + " answered, 2 if nothing could be asked. Begun again, it goes on where it ended.",
        mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {

    private static final int WRONG = 2;
    private static final long SECOND = 1_000_000_000L;

    private final Supplier<CatalogProperties> catalog;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(
            paramLabel = "CASES",
            description = "A case a line: {\"id\", \"request\", \"checks\": {\"contains\", \"regex\", \"json_schema\","
                    + " \"tool_called\", \"max_tokens\", \"exact\"}}, or a request alone.")
    private Path file = Path.of("");

    @Option(names = "--candidate", required = true, description = "The model that may be better.")
    private String candidate = "";

    @Option(names = "--against", required = true, description = "The model that is used now.")
    private String against = "";

    @Mixin
    private GatewayOption gateway = new GatewayOption();

    @Option(
            names = "--out",
            defaultValue = "replay",
            description = "Where results.jsonl, report.html, report.json and junit.xml go; default ${DEFAULT-VALUE}.")
    private Path out = Path.of("");

    @Option(names = "--budget", description = "USD that all calls may cost, those of runs before included.")
    private @Nullable BigDecimal budget;

    @Option(names = "--per-minute", defaultValue = "0", description = "Calls a minute at most.")
    private int perMinute;

    @Option(names = "--at-once", defaultValue = "4", description = "Calls at once at most; default ${DEFAULT-VALUE}.")
    private int atOnce;

    @Option(names = "--timeout", defaultValue = "600", description = "Seconds for an answer; default ${DEFAULT-VALUE}.")
    private int timeout;

    @Option(names = "--answers", description = "Keeps what the models say, in the results and the report.")
    private boolean answers;

    /** @param catalog the configuration of this machine, for the prices */
    public ReplayCommand(Supplier<CatalogProperties> catalog) {
        this.catalog = catalog;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            if (perMinute < 0 || atOnce < 1 || timeout < 1) {
                throw new IllegalArgumentException("--per-minute, --at-once and --timeout want 1 or more");
            }
            return replay();
        } catch (IllegalArgumentException | Asker.RefusedException | IOException | UncheckedIOException e) {
            err().println(e.getMessage());
            return WRONG;
        }
    }

    private int replay() throws IOException, InterruptedException {
        List<Case> cases = Case.read(file);
        Pricing pricing = new Pricing(catalog.get());
        List<String> models = List.of(against, candidate);
        Long most = budget == null ? null : budget.movePointRight(9).longValue();
        if (most != null) {
            requirePrices(models, pricing);
        }
        Files.createDirectories(out);
        try (ResultsFile results = new ResultsFile(out.resolve("results.jsonl"));
                Asker asker = new Asker(gateway, Duration.ofSeconds(timeout), answers, pricing)) {
            Budget left = new Budget(most, perMinute, spent(results));
            boolean all = new Replay(cases, results, asker, left, progress(left)).run(models, atOnce);
            Report report = Report.of(cases, results, against, candidate);
            ReportFiles.write(report, out);
            if (!all) {
                err().println("The budget is spent; with a larger one, the same command goes on.");
            }
            PrintWriter print = Objects.requireNonNull(spec).commandLine().getOut();
            print.println(report.sentence() + " See " + out.resolve("report.html"));
            print.flush();
            return report.holds() ? 0 : 1;
        }
    }

    private static void requirePrices(List<String> models, Pricing pricing) {
        for (String model : models) {
            if (!pricing.knows(model)) {
                throw new IllegalArgumentException(
                        "A budget needs prices, and '" + model + "' has none below gateway.catalog.prices");
            }
        }
    }

    private static long spent(ResultsFile results) {
        return results.all().stream()
                .mapToLong(result -> result.cost() == null ? 0 : result.cost())
                .sum();
    }

    /** A line a second at most, and one at the end. */
    private IntConsumer progress(Budget budget) {
        long[] said = {0};
        return left -> {
            long now = System.nanoTime();
            if (left == 0 || now - said[0] >= SECOND) {
                said[0] = now;
                err().println(left + " left, " + Report.usd(budget.spent()) + " USD so far");
            }
        };
    }

    private PrintWriter err() {
        return Objects.requireNonNull(spec).commandLine().getErr();
    }
}

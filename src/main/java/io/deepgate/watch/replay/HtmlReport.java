package io.deepgate.watch.replay;

import io.deepgate.watch.replay.Pair.Verdict;
import io.deepgate.watch.replay.Plot.Point;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;

/** A report as a page that needs nothing but itself. */
final class HtmlReport {

    private static final String STYLE = """
            <style>
            :root { color-scheme: light dark }
            body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
            table { border-collapse: collapse; margin: 1rem 0 }
            th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top }
            td.figure { text-align: right; font-variant-numeric: tabular-nums }
            figure { display: inline-block; margin: 1rem 2rem 0 0 }
            svg text { font-size: 10px; fill: currentColor }
            .frame { fill: none; stroke: #8886 } .same { stroke: #8888; stroke-dasharray: 4 }
            .fine { fill: #2a7ab8aa } .worse { fill: #c6362c }
            .REGRESSION { color: #c6362c; font-weight: 600 } .FIXED { color: #2c8a4b; font-weight: 600 }
            pre { white-space: pre-wrap; margin: 0 }
            </style>
            """;

    private final StringBuilder html = new StringBuilder();
    private final Report report;

    private HtmlReport(Report report) {
        this.report = report;
    }

    static String of(Report report) {
        HtmlReport page = new HtmlReport(report);
        page.head();
        page.figures();
        page.plots();
        page.cases();
        return page.html.append("</body></html>\n").toString();
    }

    private void head() {
        html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Replay of ")
                .append(escaped(report.candidate().model()))
                .append("</title>")
                .append(STYLE)
                .append("</head><body><h1>Replay of ")
                .append(escaped(report.candidate().model()))
                .append(" against ")
                .append(escaped(report.against().model()))
                .append("</h1><p>")
                .append(escaped(report.sentence()))
                .append("</p>");
    }

    private void figures() {
        html.append("<table><tr><th></th><th>").append(escaped(report.against().model()));
        html.append("</th><th>").append(escaped(report.candidate().model())).append("</th></tr>");
        row("answered, of " + report.pairs().size(), side -> Integer.toString(side.answered()));
        row("pass their checks", side -> Integer.toString(side.passed()));
        row("refused", side -> Integer.toString(side.refused()));
        row("cut off at their most tokens", side -> Integer.toString(side.cut()));
        row("answer, median", side -> side.medianMillis() + " ms");
        row("answer, 95th percentile", side -> side.lateMillis() + " ms");
        row("output tokens, mean", side -> String.format(Locale.ROOT, "%.1f", side.meanOutput()));
        row("prompt from the cache", side -> String.format(Locale.ROOT, "%.0f %%", 100 * side.cachedShare()));
        row("cost", side -> Report.usd(side.cost()) + (side.cost() == null ? "" : " USD"));
        html.append("</table>");
    }

    private void row(String name, Function<Side, String> figure) {
        html.append("<tr><th>").append(escaped(name)).append("</th>");
        for (Side side : List.of(report.against(), report.candidate())) {
            html.append("<td class=\"figure\">")
                    .append(escaped(figure.apply(side)))
                    .append("</td>");
        }
        html.append("</tr>");
    }

    private void plots() {
        html.append(
                Plot.of("Time to the answer; above the line the candidate is slower", "ms", points(Result::millis)));
        html.append(Plot.of("Cost; above the line the candidate is dearer", "µUSD", points(HtmlReport::microdollars)));
        html.append(Plot.of("Output tokens; above the line the candidate writes more", "", points(Result::output)));
    }

    private static double microdollars(Result result) {
        Long nanos = result.cost();
        return nanos == null ? 0 : nanos / 1e3;
    }

    private List<Point> points(ToDoubleFunction<Result> figure) {
        return report.pairs().stream()
                .filter(pair -> pair.verdict() != Verdict.UNFINISHED)
                .map(pair -> new Point(
                        figure.applyAsDouble(Objects.requireNonNull(pair.against())),
                        figure.applyAsDouble(Objects.requireNonNull(pair.candidate())),
                        pair.verdict() == Verdict.REGRESSION,
                        pair.id()))
                .toList();
    }

    private void cases() {
        for (Verdict verdict : Verdict.values()) {
            List<Pair> pairs = report.with(verdict);
            if (pairs.isEmpty()) {
                continue;
            }
            html.append("<h2 class=\"")
                    .append(verdict)
                    .append("\">")
                    .append(heading(verdict))
                    .append(" (");
            html.append(pairs.size()).append(")</h2><table>");
            pairs.forEach(this::row);
            html.append("</table>");
        }
    }

    private void row(Pair pair) {
        html.append("<tr><td>").append(escaped(pair.id())).append("</td><td>").append(escaped(pair.failures()));
        html.append("</td>");
        answer(pair.against());
        answer(pair.candidate());
        html.append("</tr>");
    }

    private void answer(@Nullable Result result) {
        if (result != null && result.answer() != null) {
            html.append("<td><pre>").append(escaped(result.answer())).append("</pre></td>");
        }
    }

    private static String heading(Verdict verdict) {
        return switch (verdict) {
            case REGRESSION -> "Regressions";
            case FIXED -> "Fixed";
            case PASSES -> "Pass at both";
            case FAILS -> "Fail at both";
            case UNFINISHED -> "Not answered";
        };
    }

    static String escaped(String text) {
        return HtmlUtils.htmlEscape(text, "UTF-8");
    }
}

package io.deepgate.watch.replay;

import java.util.List;
import java.util.Locale;

/**
 * Pairs of figures as points in an SVG, logarithmic on both axes and the same on both: what lies above the diagonal is more at
 * the candidate.
 */
final class Plot {

    /** @param regression whether it stands out */
    record Point(double against, double candidate, boolean regression, String name) {}

    private static final int SIZE = 320;
    private static final int EDGE = 64;

    private Plot() {}

    /** @param unit of the figures, for the axes */
    static String of(String title, String unit, List<Point> points) {
        List<Point> shown = points.stream()
                .filter(point -> point.against > 0 && point.candidate > 0)
                .toList();
        if (shown.isEmpty()) {
            return "";
        }
        double least = shown.stream()
                .mapToDouble(point -> Math.min(point.against, point.candidate))
                .min()
                .orElse(1);
        double most = shown.stream()
                .mapToDouble(point -> Math.max(point.against, point.candidate))
                .max()
                .orElse(1);
        double low = Math.log(least / 1.2);
        double high = Math.log(most * 1.2);
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<figure><figcaption>%s</figcaption><svg viewBox='0 0 %d %d' width='%d' role='img' aria-label='%s'>",
                HtmlReport.escaped(title),
                SIZE,
                SIZE,
                SIZE,
                HtmlReport.escaped(title)));
        svg.append(String.format(
                Locale.ROOT,
                "<rect x='%d' y='10' width='%d' height='%d' class='frame'/><line x1='%d' y1='%d' x2='%d' y2='10' class='same'/>",
                EDGE,
                SIZE - EDGE - 10,
                SIZE - EDGE - 10,
                EDGE,
                SIZE - EDGE,
                SIZE - 10));
        for (double at : new double[] {least, most}) {
            double where = position(at, low, high);
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x='%.1f' y='%d' text-anchor='middle'>%s</text><text x='%d' y='%.1f' text-anchor='end'>%s</text>",
                    EDGE + where,
                    SIZE - EDGE + 16,
                    figure(at, unit),
                    EDGE - 4,
                    SIZE - EDGE - where + 4,
                    figure(at, unit)));
        }
        for (Point point : shown) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<circle cx='%.1f' cy='%.1f' r='4' class='%s'><title>%s: %s, %s</title></circle>",
                    EDGE + position(point.against, low, high),
                    SIZE - EDGE - position(point.candidate, low, high),
                    point.regression ? "worse" : "fine",
                    HtmlReport.escaped(point.name),
                    figure(point.against, unit),
                    figure(point.candidate, unit)));
        }
        return svg.append("</svg></figure>").toString();
    }

    private static double position(double figure, double low, double high) {
        return (Math.log(figure) - low) / (high - low) * (SIZE - EDGE - 10);
    }

    private static String figure(double figure, String unit) {
        return String.format(Locale.ROOT, figure < 10 ? "%.2g %s" : "%.0f %s", figure, unit);
    }
}

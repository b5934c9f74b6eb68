package io.deepgate.watch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Draws a board as Grafana lays it out: the answers to its queries, by the console's charts in a real browser. */
final class BoardPicture {

    private static final Path PAGE = Path.of("src", "test", "resources", "io", "deepgate", "watch", "board.html");
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/uPlot.";
    private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}");
    private static final int ROW = 26;

    /** The title, and what the window has around the page. */
    private static final int FRAME = 200;

    private static final int WIDTH = 1500;

    private BoardPicture() {}

    /** A PNG of {@code board} from {@code from} to {@code to}, seconds of the epoch. */
    static byte[] of(Board board, PrometheusServer prometheus, Browser browser, long from, long to) throws IOException {
        List<Map<String, Object>> panels = new ArrayList<>();
        int rows = 0;
        for (Board.Panel panel : board.panels()) {
            List<Map<String, Object>> series = new ArrayList<>();
            for (Board.Target target : panel.targets()) {
                JsonNode result = prometheus.ask(Board.filled(target.query(), "15s"), from, to, 2);
                result.forEach(one -> series.add(Map.of(
                        "name", name(target.legend(), one.path("metric")),
                        "values",
                                one.path("values")
                                        .valueStream()
                                        .map(value -> List.of(
                                                value.path(0).asDouble(),
                                                value.path(1).asString()))
                                        .toList())));
            }
            panels.add(Map.of(
                    "title", panel.title(),
                    "unit", panel.unit(),
                    "x", panel.x(),
                    "y", panel.y(),
                    "w", panel.width(),
                    "h", panel.height(),
                    "series", series));
            rows = Math.max(rows, panel.y() + panel.height());
        }
        String page = Files.readString(PAGE)
                .replace("/*uplot.css*/", resource("min.css"))
                .replace("/*uplot.js*/", resource("iife.min.js"))
                .replace(
                        "/*board*/",
                        JsonMapper.shared()
                                .writeValueAsString(
                                        Map.of("title", board.title(), "from", from, "to", to, "panels", panels)));
        Path file = Files.writeString(Files.createTempFile("board", ".html"), page);
        try {
            browser.driver().manage().window().setSize(new Dimension(WIDTH, rows * ROW + FRAME));
            browser.driver().get(file.toUri().toString());
            return browser.driver().getScreenshotAs(OutputType.BYTES);
        } finally {
            Files.delete(file);
        }
    }

    private static String name(String legend, JsonNode labels) {
        return LABEL.matcher(legend)
                .replaceAll(label -> labels.path(label.group(1)).asString(""));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = BoardPicture.class.getResourceAsStream(UPLOT + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

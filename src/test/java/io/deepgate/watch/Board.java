package io.deepgate.watch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Grafana board of {@code config/grafana}. */
record Board(String title, List<Panel> panels) {

    static final List<String> NAMES = List.of("service", "tenants");

    /** What a panel asks, and where on a grid of 24 columns it stands. */
    record Panel(String title, String unit, int x, int y, int width, int height, List<Target> targets) {}

    /** A query, and how its answers are called: words with labels in double braces. */
    record Target(String query, String legend) {}

    static Board read(String name) throws IOException {
        JsonNode board =
                JsonMapper.shared().readTree(Path.of("config", "grafana", "dashboards", "deepgate-" + name + ".json"));
        return new Board(
                board.path("title").asString(),
                board.path("panels").valueStream().map(Board::panel).toList());
    }

    private static Panel panel(JsonNode panel) {
        JsonNode grid = panel.path("gridPos");
        return new Panel(
                panel.path("title").asString(),
                panel.at("/fieldConfig/defaults/unit").asString(),
                grid.path("x").intValue(),
                grid.path("y").intValue(),
                grid.path("w").intValue(),
                grid.path("h").intValue(),
                panel.path("targets")
                        .valueStream()
                        .map(target -> new Target(
                                target.path("expr").asString(),
                                target.path("legendFormat").asString()))
                        .toList());
    }

    /** All queries. */
    List<String> queries() {
        return panels.stream()
                .flatMap(panel -> panel.targets().stream())
                .map(Target::query)
                .toList();
    }

    /** As Grafana fills it in, for all tenants. */
    static String filled(String query, String interval) {
        return query.replace("$__rate_interval", interval).replace("$tenant", ".*");
    }
}

package io.deepgate.watch.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A report as files: for people, for programs, and for CI. */
final class ReportFiles {

    private ReportFiles() {}

    static void write(Report report, Path folder) throws IOException {
        Files.writeString(folder.resolve("report.html"), HtmlReport.of(report));
        Files.writeString(folder.resolve("report.json"), json(report));
        Files.writeString(folder.resolve("junit.xml"), JunitReport.of(report));
    }

    private static String json(Report report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("verdict", report.sentence());
        json.put("holds", report.holds());
        json.put("against", report.against());
        json.put("candidate", report.candidate());
        json.put(
                "cases",
                report.pairs().stream()
                        .map(pair -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("id", pair.id());
                            one.put("verdict", pair.verdict());
                            one.put("against", pair.against());
                            one.put("candidate", pair.candidate());
                            return one;
                        })
                        .toList());
        return JsonMapper.shared()
                .writer()
                .with(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(json);
    }
}

package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.DeepgateApplication;
import io.deepgate.FreePorts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Whoever starts the gateway to try it out is told how to call it, and what is told works. */
@ExtendWith(OutputCaptureExtension.class)
class GreetingTests {

    private static final Pattern CURL = Pattern.compile(
            "curl -N (?<url>\\S+) -H 'Authorization: (?<key>[^']+)' -H 'Content-Type: (?<type>[^']+)' \\\\\n"
                    + " +-d '(?<body>[^']+)'\n");

    @TempDir
    private Path folder;

    @Test
    void saysWhatCanBePasted(CapturedOutput output) throws Exception {
        try (var context = SpringApplication.run(
                DeepgateApplication.class,
                "--spring.profiles.active=sandbox",
                "--spring.config.location=classpath:/",
                "--server.port=0",
                "--management.server.port=0",
                "--gateway.sandbox.port=" + FreePorts.next(),
                "--gateway.access.tenants-file=" + folder.resolve("none.yaml"))) {
            String base = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + "/v1";
            assertThat(output.getOut()).contains("base URL  " + base, "API key   dg-sandbox-onlyforlocaldevelopment");
            Matcher curl = CURL.matcher(output.getOut());
            assertThat(curl.find()).as(output.getOut()).isTrue();

            try (HttpClient client = HttpClient.newHttpClient()) {
                var answer = client.send(
                        HttpRequest.newBuilder(URI.create(curl.group("url")))
                                .header("authorization", curl.group("key"))
                                .header("content-type", curl.group("type"))
                                .POST(BodyPublishers.ofString(curl.group("body")))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).endsWith("data: [DONE]\n\n");
            }
        }
    }
}

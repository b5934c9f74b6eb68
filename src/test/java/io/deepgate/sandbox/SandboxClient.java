package io.deepgate.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullMarked;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a team's client would do to the sandbox, over real HTTP. */
@NullMarked
record SandboxClient(Sandbox sandbox, HttpClient http) {

    static SandboxClient of(Sandbox sandbox) {
        return new SandboxClient(
                sandbox,
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
    }

    /** A sandbox on a free port that does not make tests wait. */
    static Sandbox fastSandbox() {
        return Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofMillis(20), "sk-test"));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(sandbox.baseUrl().resolve(path))
                .timeout(Duration.ofSeconds(10))
                .header("authorization", "Bearer sk-test");
    }

    HttpRequest post(String path, String body) {
        return request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    /** A chat completion with more fields than model and messages, such as {@code "stream":true}. */
    HttpResponse<String> chat(String message, String fields) throws IOException, InterruptedException {
        return send(post("/chat/completions", body(message, fields)));
    }

    CompletableFuture<HttpResponse<InputStream>> open(String message, String fields) {
        return http.sendAsync(post("/chat/completions", body(message, fields)), BodyHandlers.ofInputStream());
    }

    void await(Callable<Boolean> condition) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(5))
                .until(condition);
    }

    static String body(String message, String fields) {
        String text = JsonMapper.shared().writeValueAsString(message);
        return """
                {"model":"deepseek-flash","messages":[{"role":"user","content":%s}]%s}""".formatted(text, fields.isEmpty() ? "" : "," + fields);
    }

    static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }

    static String error(HttpResponse<String> response) {
        return json(response).path("error").path("message").stringValue();
    }

    /** The payloads of a stream's data lines, [DONE] left out. */
    static List<JsonNode> events(String body) {
        return body.lines()
                .filter(line -> line.startsWith("data: ") && !line.equals("data: [DONE]"))
                .map(line -> JsonMapper.shared().readTree(line.substring(6)))
                .toList();
    }
}

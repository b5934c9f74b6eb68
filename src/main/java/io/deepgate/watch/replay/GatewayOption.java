package io.deepgate.watch.replay;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The gateway that a command calls, and the tenant's key that it calls with. */
public final class GatewayOption {

    @Option(
            names = "--base-url",
            defaultValue = "http://127.0.0.1:8080/v1",
            description = "As OpenAI's SDKs take it; default ${DEFAULT-VALUE}.")
    private String baseUrl = "";

    @Option(
            names = "--api-key",
            defaultValue = "${env:DEEPGATE_API_KEY}",
            description = "A tenant's; better in DEEPGATE_API_KEY, where no list of processes shows it.")
    private String key = "";

    public String baseUrl() {
        return baseUrl;
    }

    /**
     * Asks for a chat completion.
     *
     * @param body the request's, JSON
     * @param patience how long an answer may take
     * @throws IllegalArgumentException if the base URL is none
     */
    public HttpRequest chat(String body, Duration patience) {
        return HttpRequest.newBuilder(URI.create(baseUrl + "/chat/completions"))
                .timeout(patience)
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }
}

package io.deepgate.usage;

import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Some who call, one call after the other, until there is nobody to answer or they are closed. */
final class Callers implements AutoCloseable {

    private static final int COUNT = 8;

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Thread> threads;
    private volatile boolean closed;

    /** @param port the gateway's */
    Callers(int port) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("authorization", "Bearer " + Gateway.SEARCH.value())
                .header("content-type", "application/json")
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.ofString(
                        "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"[[tokens 5]] "
                                + Overheard.CANARY + "\"}]}"))
                .build();
        threads = Stream.generate(() -> Thread.ofVirtual().start(() -> call(request)))
                .limit(COUNT)
                .toList();
    }

    /** An upstream that answers them at once. */
    static Sandbox answerer() {
        return Sandbox.start(new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofSeconds(1), "sk-sandbox"));
    }

    private void call(HttpRequest request) {
        try {
            while (!closed) {
                client.send(request, BodyHandlers.ofString());
            }
        } catch (IOException | InterruptedException e) {
            // The gateway was killed.
        }
    }

    /** Waits for their last calls' ends. */
    @Override
    public void close() throws InterruptedException {
        closed = true;
        for (Thread thread : threads) {
            thread.join();
        }
        client.close();
    }
}

package io.deepgate.watch;

import io.deepgate.usage.CallRecord;
import io.deepgate.usage.RecordSink;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.core.env.Environment;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** When each key was used last, since this gateway's start: {@code GET /actuator/lastuse} on the management port. */
@Endpoint(id = "lastuse")
final class LastUse implements RecordSink {

    private static final JsonMapper JSON = new JsonMapper();

    private final Map<String, Instant> keys = new ConcurrentHashMap<>();

    @Override
    public void add(CallRecord call) {
        keys.put(call.keyId(), call.startedAt());
    }

    /** By the key's id. */
    @ReadOperation
    Map<String, Instant> keys() {
        return Map.copyOf(keys);
    }

    /** What the gateway on this machine says; nothing if none answers within a second. */
    static Map<String, Instant> ofRunningGateway(Environment environment) {
        String port = environment.getProperty("management.server.port", "8081");
        URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/lastuse");
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(1)).build(), BodyHandlers.ofString());
            Map<String, Instant> used = new HashMap<>();
            if (answer.statusCode() == 200) {
                JSON.readTree(answer.body())
                        .properties()
                        .forEach(key -> used.put(
                                key.getKey(), Instant.parse(key.getValue().asString())));
            }
            return used;
        } catch (IOException | JacksonException e) {
            return Map.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
    }
}

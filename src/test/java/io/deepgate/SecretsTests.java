package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Keys and prompts are looked for in all that a gateway says while everything goes wrong. */
@ExtendWith(OutputCaptureExtension.class)
class SecretsTests {

    private static final String TAIL = "qZjX";
    private static final String GOOD_KEY = "sk-0123456789abcdefghijklmn-" + TAIL;
    private static final String BAD_KEY = "sk-invalid-0123456789abcdef-kWvQ";
    private static final String CANARY = Overheard.CANARY;
    private static final String WRONG_KEY = "dg-search1-thisIsNotTheSecretThatItShouldBeXyZ";
    private static final List<String> SECRETS = List.of(
            GOOD_KEY,
            TAIL,
            "sk-0123456789",
            BAD_KEY,
            "kWvQ",
            "sk-invalid",
            Gateway.SEARCH.value(),
            Gateway.MAIL.value(),
            "0123456789abcdefghij0123456789",
            WRONG_KEY,
            "thisIsNotTheSecret",
            "canary");

    private static final List<String> answers = new ArrayList<>();
    private static Sandbox sandbox;
    private static RawUpstream echo;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        echo = RawUpstream.start();
        gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                // All that a log line knows, as it is written where nobody reads along; ours at every level.
                "logging.structured.format.console=ecs",
                "logging.level.io.deepgate=trace",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=1000",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=1000",
                "resilience4j.circuitbreaker.configs.default.minimum-number-of-calls=10000",
                "resilience4j.circuitbreaker.instances.[fragile/deepseek-flash].base-config=default",
                "resilience4j.circuitbreaker.instances.[fragile/deepseek-flash].minimum-number-of-calls=1",
                "gateway.api.max-request-size=64KB",
                "gateway.catalog.upstreams.deepseek.api-key=" + GOOD_KEY,
                "gateway.catalog.upstreams.deepseek.first-content-timeout=100ms",
                "gateway.catalog.upstreams.locked.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.locked.api-key=" + BAD_KEY,
                "gateway.catalog.aliases.locked.slug=deepseek-flash",
                "gateway.catalog.aliases.locked.upstream=locked",
                "gateway.catalog.upstreams.fragile.base-url=" + sandbox.baseUrl(),
                "gateway.catalog.upstreams.fragile.api-key=" + GOOD_KEY,
                "gateway.catalog.aliases.fragile.slug=deepseek-flash",
                "gateway.catalog.aliases.fragile.upstream=fragile",
                "gateway.catalog.upstreams.echo.base-url=" + echo.baseUrl(),
                "gateway.catalog.upstreams.echo.api-key=" + GOOD_KEY,
                "gateway.catalog.aliases.echo.slug=echo",
                "gateway.catalog.aliases.echo.upstream=echo");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
        echo.close();
    }

    @Test
    void reachNoAnswerNoLogAndNoMeter(CapturedOutput output) {
        for (Asked asked : Asked.values()) {
            for (boolean stream : List.of(true, false)) {
                failInEveryWay(asked, stream);
            }
        }
        badKeysAndBadRequests();
        List<String> shown = new ArrayList<>();
        for (String path : List.of("prometheus", "health", "info", "circuitbreakers", "")) {
            URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/" + path);
            shown.add(gateway.send(HttpRequest.newBuilder(uri).build()).body());
        }

        AtRest.within(Duration.ofSeconds(5), () -> output.getAll().contains("\"outcome\":\"REJECTED\""));
        assertThat(output.getAll())
                .contains("refuses the gateway's key", "upstream_circuit_open", "\"tenant\":\"search\"", "\"error\":");
        assertThat(shown.getFirst()).contains("gateway_forward_attempts_total");
        assertThat(answers).hasSizeGreaterThan(100);
        for (String secret : SECRETS) {
            assertThat(answers).as("answers").noneMatch(answer -> answer.contains(secret));
            assertThat(shown).as("management").noneMatch(text -> text.contains(secret));
            assertThat(output.getAll()).as("log").doesNotContain(secret);
        }
        assertThat(gateway.prometheus().toLowerCase(Locale.ROOT)).doesNotContain("gpt-9");
    }

    private static void failInEveryWay(Asked asked, boolean stream) {
        for (String fault : List.of(
                "status 400",
                "status 401",
                "status 402",
                "status 422",
                "status 429",
                "status 500",
                "status 503",
                "reset",
                "garbage",
                "stall",
                "reset after 1",
                "close after 1",
                "garbage after 1",
                "say ok")) {
            post(asked.path(), asked.body("deepseek-flash", "[[" + fault + "]] " + CANARY, stream));
        }
        post(asked.path(), asked.body("locked", CANARY, stream));
        post(asked.path(), asked.body("gpt-9", "[[say ok]] " + CANARY, stream));
        post(asked.path(), asked.body("fragile", "[[status 503]] " + CANARY, stream));
        if (asked == Asked.CHAT || asked == Asked.MESSAGES) {
            failWithEchoes(asked, stream);
        }
    }

    private static void failWithEchoes(Asked asked, boolean stream) {
        for (String status : List.of("302", "400", "401", "402", "403", "404", "422", "429", "451", "500", "503")) {
            for (String said : List.of(
                    "Bearer " + GOOD_KEY,
                    "****" + TAIL,
                    "sk-0123456789************" + TAIL,
                    "sk-01…" + TAIL,
                    "sk-0123456789...")) {
                echoes(status, said);
                post(asked.path(), asked.body("echo", CANARY, stream));
            }
        }
    }

    private static void badKeysAndBadRequests() {
        for (String key : List.of(WRONG_KEY, GOOD_KEY, "dg-canary-canary", "")) {
            for (Asked asked : Asked.values()) {
                String body = asked.body("deepseek-flash", CANARY, true);
                answers.add(all(gateway.send(HttpRequest.newBuilder(uri(asked.path()))
                        .header("authorization", "Bearer " + key)
                        .POST(BodyPublishers.ofString(body))
                        .build())));
            }
        }
        Stream.of(
                        "{\"messages\":\"" + CANARY + "\"}",
                        "{\"model\":\"deepseek-flash\",\"user_id\":\"canary\",\"messages\":[",
                        "{\"model\":\"deepseek-flash\",\"messages\":\"" + CANARY + "\u0001\"}",
                        "{\"model\":\"deepseek-flash\",\"n\":2,\"messages\":\"" + CANARY + "\"}",
                        "{\"model\":\"deepseek-flash\",\"max_tokens\":\"" + CANARY + "\"}",
                        "{\"model\":\"deepseek-flash\",\"x\":\"" + CANARY.repeat(5000) + "\"}",
                        "\"" + CANARY + "\"")
                .forEach(body -> post("/v1/chat/completions", body));
        post("/v1/embeddings", CANARY);
    }

    /** From now on the upstream answers with the status and says that of our key. */
    private static void echoes(String status, String said) {
        String body = "{\"error\":{\"message\":\"Your api key: " + said + " is invalid\"}}";
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        echo.answers("HTTP/1.1 " + status + " No\r\nlocation: http://x/" + GOOD_KEY + "\r\nx-key: " + GOOD_KEY
                + "\r\nset-cookie: " + GOOD_KEY + "\r\nwww-authenticate: " + GOOD_KEY
                + "\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: " + length + "\r\n\r\n"
                + body);
    }

    private static void post(String path, String body) {
        ApiKey key = answers.size() % 2 == 0 ? Gateway.SEARCH : Gateway.MAIL;
        try {
            answers.add(all(gateway.send(HttpRequest.newBuilder(uri(path))
                    .header("authorization", "Bearer " + key.value())
                    .POST(BodyPublishers.ofString(body))
                    .build())));
        } catch (UncheckedIOException e) {
            // A document that broke off tells by its connection.
            answers.add(String.valueOf(e));
        }
    }

    private static String all(HttpResponse<String> answer) {
        return answer.statusCode() + " " + answer.headers().map() + "\n" + answer.body();
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + gateway.port() + path);
    }
}

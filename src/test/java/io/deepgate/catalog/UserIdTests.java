package io.deepgate.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** By {@code user_id} DeepSeek keeps tenants, and each tenant's callers, apart: in its cache, verdicts and queues. */
class UserIdTests {

    private static final String SAY_OK =
            "\"messages\":[{\"role\":\"user\",\"content\":\"[[say ok]] " + Overheard.CANARY + "\"}]";

    private static Sandbox sandbox;
    private static Gateway gateway;
    private static Gateway passing;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = Gateway.inFrontOf(sandbox.baseUrl(), "gateway.catalog.user-id=per-tenant");
        passing = Gateway.inFrontOf(sandbox.baseUrl(), "gateway.catalog.user-id=pass");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        passing.close();
        sandbox.close();
    }

    /** A path, the rest of its request, and how it says a user id. */
    private record Said(String path, String rest, String form) {

        String with(String userId) {
            return "{\"model\":\"deepseek-flash\"," + form.formatted(userId) + "," + rest + "}";
        }

        String without() {
            return "{\"model\":\"deepseek-flash\"," + rest + "}";
        }
    }

    static Stream<Said> endpoints() {
        return Stream.of(
                new Said("/chat/completions", SAY_OK, "\"user_id\":%s"),
                new Said("/beta/chat/completions", SAY_OK, "\"user_id\":%s"),
                new Said("/completions", "\"prompt\":\"[[say ok]]\"", "\"user_id\":%s"),
                new Said("/responses", "\"input\":\"[[say ok]]\"", "\"user_id\":%s"),
                new Said("/anthropic/messages", "\"max_tokens\":9," + SAY_OK, "\"metadata\":{\"user_id\":%s}"));
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void isTheTenantsWhereTheCallerSaysNone(Said endpoint) {
        assertThat(receivedBy(Gateway.SEARCH, endpoint.path, endpoint.without()))
                .isEqualTo("search");
        assertThat(sandbox.lastRequestBody())
                .isEqualTo("{" + endpoint.form.formatted("\"search\"") + ","
                        + endpoint.without().substring(1));
        assertThat(receivedBy(Gateway.MAIL, endpoint.path, endpoint.without())).isEqualTo("mail");
        assertThat(receivedBy(Gateway.MAIL, endpoint.path, endpoint.with("null")))
                .isEqualTo("mail");
        assertThat(receivedBy(Gateway.MAIL, endpoint.path, endpoint.with("\"\"")))
                .isEqualTo("mail");
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void isOnePerTenantAndCaller(Said endpoint) {
        List<String> seen = Stream.of(Gateway.SEARCH, Gateway.MAIL)
                .flatMap(key -> Stream.of("alice", "bob", "alice@example.com")
                        .map(caller -> receivedBy(key, endpoint.path, endpoint.with('"' + caller + '"'))))
                .toList();
        assertThat(seen)
                .doesNotHaveDuplicates()
                .allSatisfy(id -> assertThat(id).matches("(search|mail)-[A-Za-z0-9_-]+"));
        assertThat(seen.toString()).doesNotContain("alice", "bob", "example");
    }

    @Test
    void isTheSameForACallerWhateverTheEndpointAndEverAgain() {
        Set<String> seen = endpoints()
                .flatMap(endpoint -> Stream.of(endpoint, endpoint))
                .map(endpoint -> receivedBy(Gateway.SEARCH, endpoint.path, endpoint.with("\"alice\"")))
                .collect(Collectors.toSet());
        // Written down: another digest after an upgrade would empty every tenant's cache upstream.
        assertThat(seen).containsExactly("search-2bd806c97f0e00af");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a b@c/é\"", "\"\\u0022\\n\"", "17", "true", "[1,2]", "{\"a\":\"b\"}", "1.5"})
    void isOneThatDeepSeekTakesWhateverTheCallerSays(String userId) {
        assertThat(receivedBy(
                        Gateway.SEARCH,
                        "/chat/completions",
                        "{\"user_id\":" + userId + ",\"model\":\"deepseek-flash\"," + SAY_OK + "}"))
                .matches("search(-[A-Za-z0-9_-]+)?");
    }

    @Test
    void ofAThousandCharactersIsShortened() {
        Said chat = endpoints().findFirst().orElseThrow();
        assertThat(receivedBy(Gateway.SEARCH, chat.path, chat.with('"' + "x".repeat(1000) + '"')))
                .hasSizeLessThan(100);
    }

    @Test
    void keepsTenantsOutOfEachOthersCache() {
        String prompt = "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + "What is said twice is cheaper. ".repeat(40) + "[[say ok]]\"}]}";
        post(Gateway.SEARCH, "/chat/completions", prompt);
        assertThat(cached(post(Gateway.SEARCH, "/chat/completions", prompt))).isPositive();
        assertThat(cached(post(Gateway.MAIL, "/chat/completions", prompt))).isZero();
    }

    @Test
    void otherMetadataOfAChatPasses() {
        receivedBy(
                Gateway.SEARCH,
                "/chat/completions",
                "{\"metadata\":{\"user_id\":\"x\"},\"model\":\"deepseek-flash\"," + SAY_OK + "}");
        assertThat(sandbox.lastRequestBody()).contains("\"metadata\":{\"user_id\":\"x\"}");
    }

    @Test
    void passesWhereThatIsConfigured() {
        for (Said endpoint : endpoints().toList()) {
            for (String body : List.of(endpoint.with("\"alice\""), endpoint.without())) {
                passing.send(passing.request(endpoint.path, Gateway.SEARCH)
                        .POST(BodyPublishers.ofString(body))
                        .build());
                assertThat(sandbox.lastRequestBody()).isEqualTo(body);
            }
        }
    }

    private static String receivedBy(ApiKey key, String path, String body) {
        HttpResponse<String> answer = post(key, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode received = JsonMapper.shared().readTree(sandbox.lastRequestBody());
        return received.at(path.contains("anthropic") ? "/metadata/user_id" : "/user_id")
                .asString();
    }

    private static int cached(HttpResponse<String> answer) {
        return JsonMapper.shared()
                .readTree(answer.body())
                .at("/usage/prompt_tokens_details/cached_tokens")
                .intValue();
    }

    private static HttpResponse<String> post(ApiKey key, String path, String body) {
        return gateway.send(
                gateway.request(path, key).POST(BodyPublishers.ofString(body)).build());
    }
}

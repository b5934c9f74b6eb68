package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.ApiKey;
import io.deepgate.admission.OpenCalls;
import io.deepgate.api.ApiError;
import io.deepgate.api.Envelope;
import io.deepgate.api.ErrorWriter;
import io.deepgate.usage.UsageProperties;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.util.FileSystemUtils;

/** A refused caller is told what to do and whom to ask. */
class ContactTests {

    private static final String CONTACT = "the platform team in #llm";
    private static final String ASK = " If you need help, ask " + CONTACT + ".\"";
    private static final String UNTIL_RETRY_AFTER = "Try again after the time that retry-after gives.";
    private static final String FLASH = "{\"model\":\"deepseek-flash\"}";
    private static final String SLOW = "{\"model\":\"slow\"}";
    private static final Set<Integer> ASKED_ABOUT = Set.of(401, 404, 429, 503);

    /** Stands in a failure's message for what only a call would say. */
    private static final String SAID = "§";

    private static RawUpstream upstream;
    private static Gateway gateway;
    private static Gateway alone;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start();
        gateway = Gateway.with(
                "tenants:\n" + tenant("search", "{}") + tenant("mail", "{ requests-per-minute: 1 }")
                        + tenant("open", "{ concurrent-requests: 1 }") + tenant("token", "{ tokens-per-minute: 10 }")
                        + tenant("budget", "{}, budget: { tokens-per-day: 1 }"),
                upstream.baseUrl(),
                "gateway.catalog.unknown-models=reject",
                "gateway.api.contact=" + CONTACT,
                "gateway.admission.capacity.calls=2",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=100",
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=100",
                "resilience4j.circuitbreaker.instances.[deepseek/deepseek-v4-pro].base-config=default",
                "resilience4j.circuitbreaker.instances.[deepseek/deepseek-v4-pro].minimum-number-of-calls=1",
                "gateway.catalog.upstreams.nowhere.base-url=http://127.0.0.1:1",
                "gateway.catalog.upstreams.nowhere.api-key=sk-nowhere",
                "gateway.catalog.aliases.nowhere.slug=nothing",
                "gateway.catalog.aliases.nowhere.upstream=nowhere",
                "gateway.forward.queue.length=0",
                "gateway.catalog.upstreams.slow.base-url=" + upstream.baseUrl(),
                "gateway.catalog.upstreams.slow.api-key=sk-slow",
                "gateway.catalog.upstreams.slow.concurrency.slow=1",
                "gateway.catalog.aliases.slow.slug=slow",
                "gateway.catalog.aliases.slow.upstream=slow");
        alone = Gateway.inFrontOf(
                upstream.baseUrl(),
                "gateway.api.contact=" + CONTACT,
                "gateway.admission.store=redis",
                "gateway.admission.redis.unavailable=closed",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=1",
                "spring.datasource.url=jdbc:postgresql://127.0.0.1:1/ledger",
                "gateway.usage.journal-full=refuse");
    }

    @AfterAll
    static void stop() {
        alone.close();
        gateway.close();
        upstream.close();
    }

    @Test
    void isNamedByEveryRowOfTheTable() throws Exception {
        ErrorWriter errors = gateway.bean(ErrorWriter.class);
        Set<String> codes = new TreeSet<>();
        for (Throwable failure : failures()) {
            ApiError error = ErrorTable.of(failure);
            // What the upstream says of a call goes on as it came.
            if (!ASKED_ABOUT.contains(error.status()) || "upstream_refused".equals(error.code())) {
                continue;
            }
            codes.add(String.valueOf(error.code()));
            for (Envelope envelope : Envelope.values()) {
                assertThat(new String(errors.body(error, envelope), StandardCharsets.UTF_8))
                        .as(failure.getClass().getName())
                        .contains(ASK);
            }
            if (!error.message().equals(SAID)) {
                assertThat(error.message())
                        .as("%s says what to do", failure.getClass().getName())
                        .containsPattern("([Tt]ry again|Tell its operators|Send a |lists yours|Served are)");
            }
        }
        assertThat(codes)
                .contains(
                        "invalid_api_key",
                        "model_not_found",
                        "not_found",
                        "rate_limit_exceeded",
                        "insufficient_quota",
                        "upstream_rate_limited",
                        "upstream_circuit_open",
                        "upstream_authentication",
                        "upstream_insufficient_balance",
                        "upstream_unavailable",
                        "journal_full",
                        "limits_unknown",
                        "overloaded",
                        "draining",
                        "usage_unavailable");
    }

    @Test
    void isNamedToWhoHasNoKey() {
        HttpResponse<String> unknown =
                gateway.send(HttpRequest.newBuilder(gateway.baseUrl()).build());

        says(unknown, 401, "Send a valid one as ");
    }

    @Test
    void isNamedToWhoAsksForAnotherModelOrPath() {
        says(gateway.chat("{\"model\":\"gpt-9\"}"), 404, "GET /v1/models lists yours.");
        HttpRequest embeddings = gateway.request("/embeddings", key("search"))
                .POST(BodyPublishers.noBody())
                .build();
        says(gateway.send(embeddings), 404, "Served are: POST /v1/chat/completions");
        HttpRequest model = gateway.request("/models/gpt-9", key("search")).build();
        says(gateway.send(model), 404, "GET /v1/models lists yours.");
    }

    @Test
    void isNamedToWhoIsLimited() throws IOException {
        answers("500 No");
        says(chat("mail", FLASH), 502, "Try again later.");
        says(chat("mail", FLASH), 429, UNTIL_RETRY_AFTER);
        answers("429 No");
        says(gateway.chat(FLASH), 429, UNTIL_RETRY_AFTER);
        upstream.does(connection -> {
            connection.readRequest();
            String usage = "{\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":5}}";
            connection.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
                    + "content-length: " + usage.length() + "\r\n\r\n" + usage);
        });
        assertThat(chat("token", FLASH).statusCode()).isEqualTo(200);
        says(chat("token", FLASH), 429, UNTIL_RETRY_AFTER);
        assertThat(chat("budget", FLASH).statusCode()).isEqualTo(200);
        says(chat("budget", FLASH), 429, "or have it raised.");
    }

    @Test
    void isNamedToWhoFindsTooManyCallsInFlight() throws IOException {
        upstream.does(RawUpstream.Connection::awaitClose);
        try (RawClient first = new RawClient(gateway)) {
            first.chat(key("open"), SLOW);
            AtRest.within(Duration.ofSeconds(10), () -> upstream.openConnections() == 1);
            says(chat("open", FLASH), 429, "Wait for one to end.");
            says(gateway.chat(SLOW), 429, "Try again later.");
            // A call gives its place back just after its answer.
            AtRest.within(
                    Duration.ofSeconds(10), () -> gateway.bean(OpenCalls.class).count() == 1);
            try (RawClient second = new RawClient(gateway)) {
                second.chat(key("search"), FLASH);
                AtRest.within(Duration.ofSeconds(10), () -> upstream.openConnections() == 2);
                says(gateway.chat(FLASH), 503, "Try again.");
            }
        }
        AtRest.assertThatHasNoOpenCall(gateway);
    }

    @Test
    void isNamedToWhoIsNotServed() {
        answers("401 No");
        says(gateway.chat(FLASH), 503, "Tell its operators.");
        answers("402 No");
        says(gateway.chat(FLASH), 503, "Tell its operators.");
        answers("503 No");
        says(gateway.chat("{\"model\":\"deepseek-v4-pro\"}"), 503, "Try again later.");
        says(gateway.chat("{\"model\":\"deepseek-v4-pro\"}"), 503, "so for a while none is sent. Try again later.");
        says(gateway.chat("{\"model\":\"nowhere\"}"), 503, "Try again later.");
    }

    @Test
    void isNamedInAStreamThatBreaksOff() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n");
            connection.reset();
        });

        says(gateway.chat("{\"model\":\"deepseek-flash\",\"stream\":true}"), 200, "Try again later.");
    }

    /** Without Redis, then without a place for its journal, and at last about to end. */
    @Test
    void isNamedByAGatewayThatMayServeNobody() throws IOException {
        says(alone.chat(FLASH), 503, "Try again in a moment.");
        Path journal = Path.of(alone.bean(UsageProperties.class).directory(), "journal");
        FileSystemUtils.deleteRecursively(journal);
        Files.createFile(journal);
        AtRest.within(Duration.ofSeconds(20), () -> alone.chat(FLASH).body().contains("journal_full"));
        says(alone.chat(FLASH), 503, "Its operators are told; try again later.");
        alone.bean(OpenCalls.class).drain();
        says(alone.chat(FLASH), 503, "This gateway is being replaced and takes no new calls. Try again.");
    }

    /** Each failure of ours in all forms that its constructors can give it. */
    private static List<Throwable> failures() throws Exception {
        List<Throwable> failures = new ArrayList<>();
        var scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AssignableTypeFilter(Throwable.class));
        for (BeanDefinition found : scanner.findCandidateComponents("io.deepgate")) {
            for (Constructor<?> constructor :
                    Class.forName(found.getBeanClassName()).getDeclaredConstructors()) {
                constructor.setAccessible(true);
                for (Object[] arguments : arguments(constructor.getParameterTypes(), 0)) {
                    failures.add((Throwable) constructor.newInstance(arguments));
                }
            }
        }
        return failures;
    }

    private static List<@Nullable Object[]> arguments(Class<?>[] types, int from) {
        if (from == types.length) {
            return List.<Object[]>of(new Object[types.length]);
        }
        List<Object[]> all = new ArrayList<>();
        for (Object value : values(types[from])) {
            for (Object[] rest : arguments(types, from + 1)) {
                rest = rest.clone();
                rest[from] = value;
                all.add(rest);
            }
        }
        return all;
    }

    private static List<?> values(Class<?> type) {
        if (type.isEnum()) {
            return List.of(type.getEnumConstants());
        } else if (type == int.class) {
            return List.of(401, 402, 403, 404, 429, 503);
        } else if (type == long.class) {
            return List.of(1L);
        } else if (type == boolean.class) {
            return List.of(true, false);
        } else if (type == Duration.class) {
            return List.of(Duration.ofSeconds(1));
        } else if (type == Throwable.class) {
            return List.of(new IOException());
        }
        assertThat(type).as("a new kind of argument: say here what it may be").isEqualTo(String.class);
        return List.of(SAID);
    }

    private static HttpResponse<String> chat(String tenant, String body) {
        return gateway.send(gateway.request("/chat/completions", key(tenant))
                .POST(BodyPublishers.ofString(body))
                .build());
    }

    private static void says(HttpResponse<String> answer, int status, String toDo) {
        assertThat(answer.body()).contains(toDo).contains(ASK);
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    private static void answers(String status) {
        upstream.answers("HTTP/1.1 " + status + "\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    }

    private static ApiKey key(String id) {
        return id.equals("search")
                ? Gateway.SEARCH
                : ApiKey.parse("dg-" + id + "-0123456789abcdefghij0123456789abcdefghij");
    }

    private static String tenant(String id, String limits) {
        return "  - { id: " + id + ", keys: [{ id: " + key(id).id() + ", sha256: " + key(id).sha256Hex()
                + " }], limits: " + limits + " }\n";
    }
}

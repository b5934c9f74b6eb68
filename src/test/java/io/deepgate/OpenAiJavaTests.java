package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.errors.UnprocessableEntityException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.completions.CompletionUsage;
import com.openai.models.models.Model;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseTextDeltaEvent;
import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What OpenAI's own SDK for Java makes of the gateway; src/sdk asks the other clients. The names of the nested classes are
 * columns of the table of clients in the README.
 */
class OpenAiJavaTests {

    private static final ApiKey TEAM = ApiKey.parse("dg-team-onlyforthesdksuites");
    private static final ApiKey MINUTE = ApiKey.parse("dg-minute-onlyforthesdksuites");
    private static final ApiKey SECOND = ApiKey.parse("dg-second-onlyforthesdksuites");

    private static final String TENANTS = """
            tenants:
              - { id: team, keys: [{ id: team, sha256: %s }] }
              - { id: minute, keys: [{ id: minute, sha256: %s }], limits: { requests-per-minute: 1 } }
              - { id: second, keys: [{ id: second, sha256: %s }], limits: { requests-per-minute: 60 } }
            """.formatted(TEAM.sha256Hex(), MINUTE.sha256Hex(), SECOND.sha256Hex());

    private static final List<OpenAIClient> CLIENTS = new ArrayList<>();

    private static Sandbox sandbox;
    private static Gateway gateway;
    private static OpenAIClient team;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofMillis(50), "sk-sandbox"));
        gateway = Gateway.with(
                TENANTS,
                sandbox.baseUrl(),
                "gateway.catalog.upstreams.deepseek.first-content-timeout=3s",
                "gateway.catalog.upstreams.deepseek.idle-timeout=3s",
                // The cases fail one after the other, and no breaker may open in the next one's way.
                "resilience4j.circuitbreaker.configs.tenant.sliding-window-size=1000",
                "resilience4j.circuitbreaker.configs.tenant.minimum-number-of-calls=1000");
        team = client(TEAM, 0);
    }

    @AfterEach
    void nothingStaysInFlight() {
        await().until(() -> gateway.meters().find("gateway.admission.in.flight").gauges().stream()
                .mapToDouble(Gauge::value)
                .allMatch(calls -> calls == 0));
    }

    @AfterAll
    static void stop() {
        CLIENTS.forEach(OpenAIClient::close);
        gateway.close();
        sandbox.close();
    }

    @Nested
    class Answers {

        @Test
        void answers() {
            ChatCompletion answer = team.chat().completions().create(chat("[[queue 100ms]] [[say Hello there]]"));
            answer.validate();
            assertThat(answer.choices().getFirst().message().content()).contains("Hello there");
            assertThat(answer.usage()).isPresent();
        }

        @Test
        void servesAnUnknownModelByTheDefaultSlug() {
            ChatCompletion answer = team.chat()
                    .completions()
                    .create(chat("Hello").toBuilder().model("deepseek-v4").build());
            assertThat(answer.model()).isEqualTo("deepseek-flash");
        }
    }

    @Nested
    class Streams {

        @Test
        void streams() {
            List<ChatCompletionChunk> chunks = new ArrayList<>();
            stream("[[queue 100ms]] [[say Hello there]]", chunks);
            assertThat(chunks).allSatisfy(ChatCompletionChunk::validate);
            assertThat(said(chunks)).isEqualTo("Hello there");
            assertThat(reasoned(chunks)).isNotEmpty();
            assertThat(chunks.getLast().choices().getFirst().finishReason()).isPresent();
            assertThat(chunks.getLast().usage()).isPresent();
        }
    }

    @Nested
    class Tools {

        @Test
        void callsTools() {
            var weather = FunctionDefinition.builder()
                    .name("weather")
                    .parameters(FunctionParameters.builder()
                            .putAdditionalProperty("type", JsonValue.from("object"))
                            .putAdditionalProperty(
                                    "properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                            .build())
                    .build();
            ChatCompletion answer = team.chat()
                    .completions()
                    .create(chat("What is the weather?").toBuilder()
                            .addFunctionTool(weather)
                            .build());
            assertThat(answer.choices().getFirst().message().toolCalls().orElseThrow())
                    .singleElement()
                    .satisfies(call ->
                            assertThat(call.asFunction().function().name()).isEqualTo("weather"));
        }
    }

    @Nested
    class Models {

        @Test
        void listsAndRetrievesModels() {
            assertThat(team.models().list().data()).extracting(Model::id).contains("deepseek-flash", "deepseek-v4-pro");
            team.models().retrieve("deepseek-v4-pro").validate();
            var refused = catchThrowableOfType(
                    NotFoundException.class, () -> team.models().retrieve("gpt"));
            assertThat(refused.code()).contains("model_not_found");
        }
    }

    @Nested
    class Errors {

        @Test
        void refusesAWrongKey() {
            var refused = failure(UnauthorizedException.class, client("dg-nobody-onlyforthesdksuites", 2), "Hello");
            assertThat(refused.code()).contains("invalid_api_key");
            assertThat(refused.headers().values("x-request-id")).isNotEmpty();
        }

        @Test
        void passesOnHowTheUpstreamRefuses() {
            assertThat(failure(BadRequestException.class, team, "[[status 400]]"))
                    .hasMessageContaining("Content Exists Risk");
            assertThat(failure(UnprocessableEntityException.class, team, "[[status 422]]"))
                    .hasMessageContaining("missing field");
            assertThat(failure(RateLimitException.class, team, "[[status 429]]").code())
                    .contains("upstream_rate_limited");
        }

        @ParameterizedTest
        @CsvSource({
            "[[status 500]], 502, upstream_unavailable",
            "[[status 503]], 503, upstream_unavailable",
            "[[reset]], 502, upstream_unavailable",
            "[[garbage]], 502, upstream_unavailable",
            "[[stall]], 504, upstream_timeout"
        })
        void saysThatTheUpstreamFailed(String what, int status, String code) {
            var failed = failure(InternalServerException.class, team, what);
            assertThat(failed.statusCode()).isEqualTo(status);
            assertThat(failed.code()).contains(code);
        }

        @Test
        void isTriedAgainWhenTheUpstreamFails() {
            assertThat(triesOf(client(TEAM, 1), "[[status 503]]")).isEqualTo(2);
        }

        @ParameterizedTest
        @ValueSource(ints = {400, 401, 402})
        void isNotTriedAgainWhereThatCannotHelp(int status) {
            assertThat(triesOf(client(TEAM, 3), "[[status " + status + "]]")).isEqualTo(1);
        }

        @ParameterizedTest
        @CsvSource({"401, upstream_authentication", "402, upstream_insufficient_balance"})
        void keepsItsOwnTroublesWithTheUpstreamToItself(int status, String code) {
            var failed = failure(InternalServerException.class, team, "[[status " + status + "]]");
            assertThat(failed.code()).contains(code);
            assertThat(failed.body().toString()).doesNotContain("3750");
        }

        @ParameterizedTest
        @CsvSource({
            "[[reset after 5]], upstream_unavailable",
            "[[close after 5]], upstream_unavailable",
            "[[garbage after 5]], upstream_unavailable",
            "[[stall after 5]], upstream_timeout"
        })
        void neverEndsHalfAStreamAsIfItWereWhole(String what, String code) {
            List<ChatCompletionChunk> chunks = new ArrayList<>();
            var broke = catchThrowableOfType(SseException.class, () -> stream(what, chunks));
            assertThat(broke.code()).contains(code);
            assertThat(broke).hasMessageContaining("upstream");
            assertThat(reasoned(chunks)).hasSize(5);
        }

        @Test
        void neverEndsHalfAnAnswerAsIfItWereWhole() {
            assertThat(failure(OpenAIException.class, team, "[[reset after 1]]"))
                    .isNotNull();
        }
    }

    @Nested
    class Limits {

        @Test
        void refusesWhenALimitIsSpent() {
            var limited = spend(client(MINUTE, 0));
            assertThat(limited.code()).contains("rate_limit_exceeded");
            assertThat(limited.type()).contains("requests");
            assertThat(limited.headers().values("retry-after-ms")).isNotEmpty();
        }

        @Test
        void admitsWhoHasWaitedAsLongAsItSaid() {
            OpenAIClient patient = client(SECOND, 5);
            double before = refusalsOf("second");
            await().pollInterval(Duration.ZERO).untilAsserted(() -> {
                ChatCompletion answer = patient.chat().completions().create(chat("[[say ok]]"));
                assertThat(answer.choices().getFirst().message().content()).contains("ok");
                assertThat(refusalsOf("second")).isGreaterThan(before);
            });
        }
    }

    @Nested
    class Cancel {

        @Test
        void letsGoOfTheUpstreamWhenTheCallerLeaves() {
            try (var chunks = team.chat().completions().createStreaming(chat("[[rate 20]] [[tokens 2000]]"))) {
                assertThat(chunks.stream().findFirst()).isPresent();
                assertThat(sandbox.openConnections()).isEqualTo(1);
            }
            await().until(() -> sandbox.openConnections() == 0);
        }
    }

    @Nested
    class Reasoning {

        @Test
        void thinksUnlessItIsToldNotTo() {
            assertThat(reasoningTokens("deepseek-flash")).isPositive();
            assertThat(reasoningTokens("deepseek-reasoner")).isPositive();
            assertThat(reasoningTokens("deepseek-chat")).isZero();
        }

        @Test
        void streamsItsReasoningBeforeItsContent() {
            List<ChatCompletionChunk> chunks = new ArrayList<>();
            stream("[[say Hello there]]", chunks);
            int first = (int) chunks.stream()
                    .takeWhile(chunk -> said(List.of(chunk)).isEmpty())
                    .count();
            assertThat(reasoned(chunks.subList(0, first))).isNotEmpty();
            assertThat(reasoned(chunks.subList(first, chunks.size()))).isEmpty();
        }

        private static long reasoningTokens(String model) {
            return team.chat()
                    .completions()
                    .create(chat("[[say Hello]]").toBuilder().model(model).build())
                    .usage()
                    .flatMap(CompletionUsage::completionTokensDetails)
                    .flatMap(CompletionUsage.CompletionTokensDetails::reasoningTokens)
                    .orElse(0L);
        }
    }

    @Nested
    class Differences {

        @Test
        void mendsWhatDeepSeekDoesNotTake() {
            ChatCompletion answer = team.chat()
                    .completions()
                    .create(chat("[[tokens 500]]").toBuilder()
                            .model("deepseek-chat")
                            .addDeveloperMessage("Be kind.")
                            .maxCompletionTokens(10)
                            .build());
            assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(10);
        }

        @Test
        void namesWhatItCannotMend() {
            var refused = catchThrowableOfType(
                    BadRequestException.class,
                    () -> team.chat()
                            .completions()
                            .create(chat("Hello").toBuilder().n(2).build()));
            assertThat(refused.param()).contains("n");
        }
    }

    @Nested
    class Responses {

        @Test
        void answers() {
            Response answer = team.responses().create(response("[[say Hello there]]"));
            assertThat(answer.status()).contains(ResponseStatus.COMPLETED);
            assertThat(answer.output()).anyMatch(item -> item.message().isPresent());
            assertThat(answer.usage().orElseThrow().outputTokens()).isPositive();
        }

        @Test
        void streams() {
            try (var events = team.responses().createStreaming(response("[[say Hello there]]"))) {
                String said = events.stream()
                        .flatMap(event -> event.outputTextDelta().stream())
                        .map(ResponseTextDeltaEvent::delta)
                        .collect(Collectors.joining());
                assertThat(said).isEqualTo("Hello there");
            }
        }

        @Test
        void neverEndsHalfAStreamAsIfItWereWhole() {
            try (var events = team.responses().createStreaming(response("[[reset after 5]]"))) {
                var broke = catchThrowableOfType(
                        SseException.class, () -> events.stream().toList());
                assertThat(broke.code()).contains("upstream_unavailable");
            }
        }

        private static ResponseCreateParams response(String input) {
            return ResponseCreateParams.builder()
                    .model("deepseek-flash")
                    .input(input)
                    .build();
        }
    }

    @Nested
    class Completions {

        @Test
        void fillsInTheMiddle() {
            var params = CompletionCreateParams.builder()
                    .model("deepseek-flash")
                    .prompt("[[say return a + b]] def add(a, b):")
                    .suffix("\n")
                    .build();
            assertThat(team.completions().create(params).choices().getFirst().text())
                    .isEqualTo("return a + b");
            try (var chunks = team.completions().createStreaming(params)) {
                String text = chunks.stream()
                        .map(chunk -> chunk.choices().getFirst().text())
                        .collect(Collectors.joining());
                assertThat(text).isEqualTo("return a + b");
            }
        }
    }

    private static OpenAIClient client(ApiKey key, int retries) {
        return client(key.value(), retries);
    }

    private static OpenAIClient client(String key, int retries) {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(gateway.baseUrl().toString())
                .apiKey(key)
                .maxRetries(retries)
                .timeout(Duration.ofSeconds(30))
                .build();
        CLIENTS.add(client);
        return client;
    }

    private static ChatCompletionCreateParams chat(String message) {
        return ChatCompletionCreateParams.builder()
                .model("deepseek-flash")
                .addUserMessage(message)
                .build();
    }

    private static <T extends Throwable> T failure(Class<T> type, OpenAIClient client, String message) {
        return catchThrowableOfType(type, () -> client.chat().completions().create(chat(message)));
    }

    private static long triesOf(OpenAIClient client, String message) {
        long before = sandbox.requests();
        failure(OpenAIServiceException.class, client, message);
        return sandbox.requests() - before;
    }

    /** Calls until the tenant's limit is spent. */
    private static RateLimitException spend(OpenAIClient client) {
        return catchThrowableOfType(RateLimitException.class, () -> {
            for (int call = 0; call < 100; call++) {
                client.chat().completions().create(chat("[[say ok]]"));
            }
        });
    }

    private static double refusalsOf(String tenant) {
        return gateway
                .meters()
                .find("gateway.admission.rejected")
                .tags("tenant", tenant, "limit", "requests")
                .counters()
                .stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    private static void stream(String message, List<ChatCompletionChunk> into) {
        try (var chunks = team.chat().completions().createStreaming(chat(message))) {
            chunks.stream().forEach(into::add);
        }
    }

    private static String said(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().getFirst().delta().content().stream())
                .collect(Collectors.joining());
    }

    /** The pieces of reasoning, which OpenAI's own models do not show. */
    private static List<String> reasoned(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .map(chunk -> chunk.choices().getFirst().delta()._additionalProperties())
                .map(fields -> fields.getOrDefault("reasoning_content", JsonValue.from("")))
                .filter(reasoning -> !reasoning.isNull())
                .map(reasoning -> reasoning.convert(String.class))
                .filter(text -> !text.isEmpty())
                .toList();
    }
}

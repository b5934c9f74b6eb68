package io.deepgate.sandbox;

import static io.deepgate.sandbox.SandboxClient.error;
import static io.deepgate.sandbox.SandboxClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SandboxTests {

    private final Sandbox sandbox = SandboxClient.fastSandbox();
    private final SandboxClient client = SandboxClient.of(sandbox);

    @BeforeEach
    void startsIdle() {
        assertThat(sandbox.openConnections()).isZero();
    }

    @AfterEach
    void endsIdle() {
        assertThat(sandbox.openConnections()).isZero();
        sandbox.close();
        client.http().close();
    }

    @Test
    void listsModelsAndBalance() throws Exception {
        assertThat(json(client.get("/models")).at("/data/0/id").stringValue()).isEqualTo("deepseek-flash");
        assertThat(json(client.get("/v1/models/deepseek-v4-pro"))
                        .path("max_output_tokens")
                        .intValue())
                .isEqualTo(393_216);
        assertThat(json(client.get("/user/balance"))
                        .at("/balance_infos/0/total_balance")
                        .stringValue())
                .isEqualTo("110.00");
        assertThat(client.get("/v1/models/gpt-9").statusCode()).isEqualTo(404);
        assertThat(client.send(client.post("/v1/embeddings", "{}")).statusCode())
                .isEqualTo(404);
    }

    @Test
    void judgesKeys() throws Exception {
        assertThat(withKey("Bearer sk-invalid3750").statusCode()).isEqualTo(401);
        assertThat(error(withKey("Bearer sk-invalid3750")))
                .isEqualTo("Authentication Fails, Your api key: ****3750 is invalid");
        assertThat(withKey("Basic abc").statusCode()).isEqualTo(401);
        assertThat(withKey("Bearer sk-broke").statusCode()).isEqualTo(402);
        assertThat(error(withKey("Bearer sk-broke"))).isEqualTo("Insufficient Balance");
        assertThat(withKey("Bearer sk-fine").statusCode()).isEqualTo(200);
    }

    @Test
    void showsWhatReachedIt() throws Exception {
        client.chat("Hello", "");
        assertThat(sandbox.requests()).isEqualTo(1);
        assertThat(sandbox.lastRequestBody()).isEqualTo(SandboxClient.body("Hello", ""));
        assertThat(sandbox.lastRequestHeaders()).containsEntry("Authorization", "Bearer sk-test");
    }

    @Test
    void stopsGeneratingWhenTheClientLeaves() throws Exception {
        try (InputStream body = client.open("[[rate 50]] [[tokens 5000]]", "\"stream\":true")
                .get()
                .body()) {
            assertThat(body.read()).isEqualTo('d');
            assertThat(sandbox.openConnections()).isEqualTo(1);
        }
        client.await(() -> sandbox.openConnections() == 0);
        assertThat(sandbox.aborted()).isEqualTo(1);
    }

    @Test
    void forgetsNobodyWhenManyLeaveAtOnce() throws Exception {
        List<CompletableFuture<HttpResponse<InputStream>>> calls = IntStream.range(0, 100)
                .mapToObj(i ->
                        client.open("[[rate 20]] [[tokens 500]]" + (i % 5 == 0 ? "[[stall]]" : ""), "\"stream\":true"))
                .toList();
        client.await(() -> sandbox.openConnections() == 100);
        for (int i = 0; i < calls.size(); i++) {
            if (i % 5 == 0) {
                calls.get(i).cancel(true);
            } else {
                calls.get(i).get().body().close();
            }
        }
        client.await(() -> sandbox.openConnections() == 0);
        assertThat(sandbox.aborted()).isEqualTo(100);
    }

    @Test
    void keepsThePaceItIsGiven() throws Exception {
        long start = System.nanoTime();
        client.chat(
                "[[rate 100]] [[delay 100ms]] [[tokens 11]]", "\"thinking\":{\"type\":\"disabled\"},\"stream\":true");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isBetween(Duration.ofMillis(200), Duration.ofSeconds(3));
    }

    @Test
    void saysPlainlyThatThePortIsTaken() {
        SandboxProperties taken =
                new SandboxProperties(sandbox.baseUrl().getPort(), Duration.ZERO, 1, Duration.ofSeconds(1), "sk-test");
        assertThatThrownBy(() -> Sandbox.start(taken).close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gateway.sandbox.port");
    }

    @Test
    void startsWithItsProfileOnly() {
        ApplicationContextRunner context = new ApplicationContextRunner()
                .withUserConfiguration(SandboxConfiguration.class)
                .withPropertyValues("gateway.sandbox.port=0", "gateway.sandbox.first-token-delay=1ms");
        context.run(without -> assertThat(without).doesNotHaveBean(Sandbox.class));
        context.withPropertyValues("spring.profiles.active=sandbox")
                .run(with -> assertThat(with.getBean(Sandbox.class).baseUrl().getHost())
                        .isEqualTo("127.0.0.1"));
    }

    @Test
    void namesThePropertyThatIsWrong() {
        new ApplicationContextRunner()
                .withUserConfiguration(SandboxConfiguration.class)
                .withPropertyValues("spring.profiles.active=sandbox", "gateway.sandbox.tokens-per-second=0")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessage("gateway.sandbox.tokens-per-second must be 1..100000, is 0"));
    }

    private HttpResponse<String> withKey(String authorization) throws Exception {
        HttpRequest.Builder request = client.request("/chat/completions").setHeader("authorization", authorization);
        return client.send(request.POST(HttpRequest.BodyPublishers.ofString(SandboxClient.body("Hi", "")))
                .build());
    }
}

package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import reactor.core.publisher.Mono;

/** What the filter makes of the headers that clients send: a caller, or one refusal that is always the same. */
class ApiKeySecurityTests {

    private static final ApiKey KEY = ApiKey.generate();
    private static final ApiKey EXPIRED = ApiKey.generate();

    private final List<Object> callers = new ArrayList<>();
    private final List<Throwable> refusals = new ArrayList<>();
    private TenantsFile tenants;

    @BeforeEach
    void knowsOneTenant(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("tenants.yaml");
        Files.writeString(file, """
                tenants:
                  - id: search
                    keys:
                      - { id: %s, sha256: %s, expires: %s }
                      - { id: %s, sha256: %s, expires: 2020-01-01T00:00:00Z }
                """.formatted(
                        KEY.id(), KEY.sha256Hex(), Instant.now().plusSeconds(600), EXPIRED.id(), EXPIRED.sha256Hex()));
        tenants = new TenantsFile(file, Duration.ofDays(1), null, new SimpleMeterRegistry());
    }

    @AfterEach
    void forgetsIt() {
        tenants.close();
    }

    @Test
    void takesTheKeyAsOpenAisClientsSendIt() {
        send("authorization", "Bearer " + KEY.value());
        send("authorization", "bearer  " + KEY.value() + " ");

        assertThat(refusals).isEmpty();
        assertThat(callers).hasSize(2).allSatisfy(caller -> {
            assertThat(((Caller) caller).tenant().id()).isEqualTo("search");
            assertThat(((Caller) caller).keyId()).isEqualTo(KEY.id());
        });
    }

    @Test
    void takesTheKeyAsAnthropicsClientsSendIt() {
        send("x-api-key", KEY.value());

        assertThat(refusals).isEmpty();
        assertThat(callers).hasSize(1);
    }

    @Test
    void refusesAllElseInTheSameWords() {
        send("accept", "*/*");
        send("authorization", "");
        send("authorization", "Bearer");
        send("authorization", "Bearer ");
        send("authorization", "Bearer sk-unknown");
        send("authorization", "Basic " + KEY.value());
        send("authorization", KEY.value());
        send("authorization", "Bearer " + ApiKey.generate().value());
        send("authorization", "Bearer " + KEY.value() + "x");
        send("authorization", "Bearer " + EXPIRED.value());
        send("x-api-key", EXPIRED.value());

        assertThat(callers).isEmpty();
        assertThat(refusals)
                .hasSize(11)
                .allSatisfy(refusal -> assertThat(refusal).isInstanceOf(InvalidApiKeyException.class))
                .extracting(Throwable::getMessage)
                .containsOnly(new InvalidApiKeyException().getMessage());
    }

    private void send(String header, String value) {
        var exchange =
                MockServerWebExchange.from(MockServerHttpRequest.post("/").header(header, value));
        new ApiKeySecurity(tenants)
                .filter((refused, failure) -> Mono.fromRunnable(() -> refusals.add(failure)))
                .filter(
                        exchange,
                        passed -> ReactiveSecurityContextHolder.getContext()
                                .doOnNext(context ->
                                        callers.add(context.getAuthentication().getPrincipal()))
                                .then())
                .block();
    }
}

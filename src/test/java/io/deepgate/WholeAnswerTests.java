package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Callers' connections and upstream connections on different event loops, where an answer can have arrived before it is asked for. */
class WholeAnswerTests {

    private static final int CALLS = 400;

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = Gateway.inFrontOf(sandbox.baseUrl());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @ParameterizedTest
    @CsvSource({"false, }", "true, data: [DONE]"})
    void reachesTheCallerToItsEnd(boolean stream, String end) {
        String body = """
                {"model":"deepseek-flash","stream":%s,"thinking":{"type":"disabled"},
                 "messages":[{"role":"user","content":"[[say ok]] %s"}]}""".formatted(stream, Overheard.CANARY);
        try (var callers = Executors.newFixedThreadPool(8)) {
            var answers = IntStream.range(0, CALLS)
                    .mapToObj(call -> CompletableFuture.supplyAsync(() -> gateway.chat(body), callers))
                    .toList();
            assertThat(answers.stream().map(CompletableFuture::join).map(HttpResponse::body))
                    .allSatisfy(answer -> assertThat(answer.strip()).endsWith(end));
        }
    }
}

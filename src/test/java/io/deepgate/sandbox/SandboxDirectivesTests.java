package io.deepgate.sandbox;

import static io.deepgate.sandbox.SandboxClient.error;
import static io.deepgate.sandbox.SandboxClient.events;
import static io.deepgate.sandbox.SandboxClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class SandboxDirectivesTests {

    private static final String WHOLE = "\"thinking\":{\"type\":\"disabled\"}";
    private static final String STREAM = "\"stream\":true," + WHOLE;
    private static final Sandbox SANDBOX = SandboxClient.fastSandbox();
    private static final SandboxClient CLIENT = SandboxClient.of(SANDBOX);

    @AfterEach
    void leavesNothingInFlight() {
        CLIENT.await(() -> SANDBOX.openConnections() == 0);
    }

    @AfterAll
    static void close() {
        SANDBOX.close();
        CLIENT.http().close();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 402, 422, 429, 500, 503})
    void refusesWithTheStatus(int status) throws Exception {
        HttpResponse<String> response = CLIENT.chat("[[status " + status + "]]", STREAM);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(error(response)).isNotBlank();
        assertThat(json(response).path("error").path("param").isNull()).isTrue();
    }

    @Test
    void speaksOfConcurrencyWith429() throws Exception {
        assertThat(error(CLIENT.chat("[[status 429]]", "")))
                .startsWith("Too many requests. Your current concurrency is 26, which exceeds your concurrency limit");
    }

    @Test
    void stallsBeforeTheHeaders() {
        long aborted = SANDBOX.aborted();
        CompletableFuture<HttpResponse<InputStream>> response = CLIENT.open("[[stall]]", STREAM);
        CLIENT.await(() -> SANDBOX.openConnections() == 1);
        assertSilent(response);
        response.cancel(true);
        CLIENT.await(() -> SANDBOX.aborted() == aborted + 1);
    }

    @Test
    void stallsAfterFiveTokens() throws Exception {
        try (InputStream body = CLIENT.open("[[stall after 5]]", STREAM).get().body()) {
            BufferedReader lines = reader(body);
            for (int line = 0; line < 12; line++) {
                assertThat(lines.readLine()).isNotNull();
            }
            assertSilent(CompletableFuture.supplyAsync(() -> read(body)));
            assertThat(SANDBOX.openConnections()).isEqualTo(1);
        }
    }

    @Test
    void sendsHeadersBeforeTheFirstToken() throws Exception {
        HttpResponse<InputStream> response =
                CLIENT.open("[[delay 10s]]", STREAM).get(5, TimeUnit.SECONDS);
        assertThat(response.statusCode()).isEqualTo(200);
        response.body().close();
    }

    @Test
    void keepsAliveForever() throws Exception {
        try (InputStream body =
                CLIENT.open("[[keep-alive forever]]", STREAM).get().body()) {
            BufferedReader lines = reader(body);
            for (int event = 0; event < 4; event++) {
                assertThat(lines.readLine()).isEqualTo(": keep-alive");
                assertThat(lines.readLine()).isEmpty();
            }
        }
        try (InputStream body = CLIENT.open("[[keep-alive forever]]", "").get().body()) {
            assertThat(body.readNBytes(4)).containsOnly('\n');
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", STREAM})
    void resetsBeforeTheHeaders(String fields) {
        long aborted = SANDBOX.aborted();
        assertThatThrownBy(() -> CLIENT.chat("[[reset]]", fields)).isInstanceOf(IOException.class);
        assertThat(SANDBOX.aborted()).isEqualTo(aborted);
    }

    @ParameterizedTest
    @ValueSource(strings = {WHOLE, STREAM})
    void resetsMidway(String fields) throws Exception {
        InputStream body = CLIENT.open(
                        "[[reset after 5]] [[rate 50]] [[say Five tokens and then some more of them]]", fields)
                .get()
                .body();
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() -> reader(body).lines().forEach(lines::add)).hasRootCauseMessage("Connection reset");
        if (fields.contains("stream")) {
            assertThat(events(String.join("\n", lines))).hasSize(6);
        }
    }

    @Test
    void closesMidwayAsIfThatWereTheEnd() throws Exception {
        HttpResponse<String> stream = CLIENT.chat("[[close after 5]]", STREAM);
        assertThat(events(stream.body())).hasSize(6);
        assertThat(stream.body()).doesNotContain("[DONE]");
        assertThat(CLIENT.chat("[[close after 0]]", STREAM).body()).isEmpty();
        assertThat(CLIENT.chat("[[close after 5]]", "").body()).startsWith("{").doesNotEndWith("}");
    }

    @Test
    void neverEndsTheBody() throws Exception {
        try (InputStream body = CLIENT.open("[[never ends]]", STREAM).get().body()) {
            BufferedReader lines = reader(body);
            String line = lines.readLine();
            while (!line.equals("data: [DONE]")) {
                line = lines.readLine();
            }
            assertThat(lines.readLine()).isEmpty();
            assertSilent(CompletableFuture.supplyAsync(() -> read(body)));
        }
    }

    @Test
    void queuesWithSignsOfLife() throws Exception {
        String stream = CLIENT.chat("[[queue 100ms]]", STREAM).body();
        assertThat(stream).startsWith(": keep-alive\n\n: keep-alive\n\n").endsWith("data: [DONE]\n\n");
        HttpResponse<String> whole = CLIENT.chat("[[queue 100ms]]", "");
        assertThat(whole.body()).startsWith("\n\n");
        assertThat(json(whole).path("object").stringValue()).isEqualTo("chat.completion");
    }

    @Test
    void answersAtTheLengthAndInTheWordsAskedFor() throws Exception {
        JsonNode long200 = json(CLIENT.chat("[[tokens 200]]", "\"thinking\":{\"type\":\"disabled\"}"));
        assertThat(long200.at("/usage/completion_tokens").intValue()).isEqualTo(200);
        JsonNode said = json(CLIENT.chat("Please [[say 你好, {\"a\":[1]}]] now", ""));
        assertThat(said.at("/choices/0/message/content").stringValue()).isEqualTo("你好, {\"a\":[1]}");
        JsonNode finished = json(CLIENT.chat("[[finish content_filter]]", ""));
        assertThat(finished.at("/choices/0/finish_reason").stringValue()).isEqualTo("content_filter");
    }

    @Test
    void leavesOutContentChoicesAndUsage() throws Exception {
        assertThat(json(CLIENT.chat("[[null content]]", ""))
                        .at("/choices/0/message/content")
                        .isNull())
                .isTrue();
        assertThat(json(CLIENT.chat("[[empty choices]]", "")).path("choices").isEmpty())
                .isTrue();
        assertThat(events(CLIENT.chat("[[empty choices]]", STREAM).body()))
                .allMatch(chunk -> chunk.path("choices").isEmpty());
        assertThat(json(CLIENT.chat("[[no usage]]", "")).has("usage")).isFalse();
        assertThat(CLIENT.chat("[[no usage]]", STREAM).body()).doesNotContain("prompt_tokens");
    }

    @Test
    void sendsUsageInItsOwnChunkToWhoAskedForIt() throws Exception {
        List<JsonNode> asked =
                events(CLIENT.chat("[[usage separate]]", STREAM + ",\"stream_options\":{\"include_usage\":true}")
                        .body());
        assertThat(asked.getLast().path("choices").isEmpty()).isTrue();
        assertThat(asked.getLast().at("/usage/total_tokens").intValue()).isPositive();
        assertThat(asked.get(asked.size() - 2).at("/usage/total_tokens").isMissingNode())
                .isTrue();
        assertThat(CLIENT.chat("[[usage separate]]", STREAM).body()).doesNotContain("usage");
    }

    @Test
    void writesGarbage() throws Exception {
        HttpResponse<String> page = CLIENT.chat("[[garbage]]", STREAM);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).startsWith("<html>");
        assertThat(CLIENT.chat("[[garbage after 3]]", STREAM).body())
                .startsWith("data: ")
                .endsWith("</html>\n");
    }

    @ParameterizedTest
    @EnumSource(Directive.class)
    void listsEveryDirectiveWhenOneIsUnknown(Directive directive) throws Exception {
        HttpResponse<String> response = CLIENT.chat("[[dance]]", "");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error(response)).contains("[[dance]]", directive.example());
    }

    @Test
    void readsDirectivesInTextPartsAndOnlyInTheLastUserMessage() throws Exception {
        String parts = """
                {"model":"deepseek-flash","messages":[{"role":"user","content":"[[status 503]]"},
                {"role":"assistant","content":"Sorry"},
                {"role":"user","content":[{"type":"text","text":"matrix [[1,2],[3,4]] [[say parts]]"}]}]}""";
        assertThat(json(CLIENT.send(CLIENT.post("/chat/completions", parts)))
                        .at("/choices/0/message/content")
                        .stringValue())
                .isEqualTo("parts");
    }

    private static void assertSilent(CompletableFuture<?> future) {
        assertThatThrownBy(() -> future.get(150, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
    }

    private static int read(InputStream body) {
        try {
            return body.read();
        } catch (IOException e) {
            return -1;
        }
    }

    private static BufferedReader reader(InputStream body) {
        return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }
}

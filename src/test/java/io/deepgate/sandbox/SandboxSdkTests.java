package io.deepgate.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.UnauthorizedException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The look-alike in the eyes of OpenAI's own SDK, which is what it has to deceive. */
class SandboxSdkTests {

    private static final Sandbox SANDBOX = SandboxClient.fastSandbox();
    private static final OpenAIClient CLIENT = client("sk-test");

    @AfterAll
    static void close() {
        CLIENT.close();
        SANDBOX.close();
    }

    @Test
    void completesChats() {
        ChatCompletion completion = CLIENT.chat().completions().create(chat("[[say Hello]] [[queue 50ms]]"));
        completion.validate();
        assertThat(completion.choices().getFirst().message().content()).contains("Hello");
        assertThat(completion.usage()).isPresent();
    }

    /** Chunk by chunk: the SDK's accumulator cannot take usage on the chunk that finishes, which is where DeepSeek has it. */
    @Test
    void streamsChats() {
        List<ChatCompletionChunk> chunks = stream("[[say Hello there]] [[queue 50ms]]");
        assertThat(chunks.stream()
                        .flatMap(chunk -> chunk.choices().getFirst().delta().content().stream())
                        .collect(Collectors.joining()))
                .isEqualTo("Hello there");
        assertThat(chunks.getLast().usage()).isPresent();
    }

    @Test
    void streamsChatsAsTheAccumulatorExpects() {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        stream("[[say Hello there]] [[usage separate]]").forEach(whole::accumulate);
        assertThat(whole.chatCompletion().choices().getFirst().message().content())
                .contains("Hello there");
        assertThat(whole.chatCompletion().usage()).isPresent();
    }

    @Test
    void answersResponses() {
        Response response = CLIENT.responses().create(response("[[say Hello]]"));
        assertThat(response.output()).hasSize(2);
        assertThat(response.usage()).isPresent();
    }

    @Test
    void streamsResponses() {
        ResponseAccumulator whole = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> stream =
                CLIENT.responses().createStreaming(response("[[say Hello]] [[queue 50ms]]"))) {
            stream.stream().forEach(whole::accumulate);
        }
        assertThat(whole.response().usage()).isPresent();
    }

    @Test
    void refusesInTheClassesOfTheSdk() {
        assertThatThrownBy(() -> CLIENT.chat().completions().create(chat("[[status 503]]")))
                .isInstanceOf(InternalServerException.class)
                .hasMessageContaining("Service is too busy");
        OpenAIClient stranger = client("sk-invalid3750");
        assertThatThrownBy(() -> stranger.chat().completions().create(chat("Hi")))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("****3750");
        stranger.close();
    }

    private static OpenAIClient client(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(SANDBOX.baseUrl() + "/v1")
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    private static ChatCompletionCreateParams chat(String message) {
        return ChatCompletionCreateParams.builder()
                .model("deepseek-flash")
                .addUserMessage(message)
                .build();
    }

    private static List<ChatCompletionChunk> stream(String message) {
        ChatCompletionCreateParams usage = chat(message).toBuilder()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        try (StreamResponse<ChatCompletionChunk> stream =
                CLIENT.chat().completions().createStreaming(usage)) {
            return stream.stream().map(ChatCompletionChunk::validate).toList();
        }
    }

    private static ResponseCreateParams response(String message) {
        return ResponseCreateParams.builder()
                .model("deepseek-flash")
                .input(message)
                .build();
    }
}

package io.deepgate.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.RawClient;
import io.deepgate.RawUpstream;
import io.deepgate.usage.Outcome;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes go through as they are and when they are there, in both directions. */
@ExtendWith(Leaks.class)
@Timeout(30)
class PassThroughTests {

    private static final String DONE = "data: [DONE]\n\n";

    /** Everything that a reader of events could be tempted to tidy up. */
    private static final String ODD_STREAM = """
            : keep-alive

            :

            data: {"id":"1","unknown":{"z":1,"a":[1.50,1e+2,-0.0]},"choices":[{"delta":{"content":"Hello"},"index":0}]}

            data:{ "choices" : [ { "index" : 0 , "delta" : { "reasoning_content" : "日本語 😀 \\u00e9\\ud83d\\ude00 \\/" } } ] }
            \t
            event: delta
            id: 7
            retry: 10
            data: {"choices":
            data: []}

            data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\\"a\\":1}"}}]}}]}\r
            \r
            data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5}}


            data: {"choices":[],"usage":{"completion_tokens":6,"prompt_tokens":8}}

            data: [DONE]

            : served by odd

            """;

    private static final String ODD_DOCUMENT =
            "\n\n \r\n\t{ \"usage\" : {\"completion_tokens\":5, \"prompt_tokens\":7,\"more\":{}},\n"
                    + "\"unknown\":[[],{},[{\"z\":1,\"a\":null}]],\"choices\":[{\"message\":{\"content\":\"日本語 \\u00e9 \\/\\ud83d\\ude00\"}}],"
                    + "\"n\":[1.50,1e+2,-0.0,12345678901234567890123]}\n \r\n";

    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start();
        gateway = Gateway.inFrontOf(upstream.baseUrl(), "gateway.catalog.aliases.fast.slug=deepseek-flash");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @AfterEach
    void isAtRest() {
        upstream.closeConnections();
        AtRest.assertThatHolds(gateway);
    }

    // At once

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void passesEachEventBeforeTheNextIsSent(boolean onePieceEach) throws IOException {
        Semaphore read = new Semaphore(0);
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(": queued\n\n");
            for (int i = 0; i < 50; i++) {
                read.acquire();
                String event = event(i);
                if (onePieceEach) {
                    connection.chunk(event);
                } else {
                    connection.chunk(event.substring(0, 20));
                    connection.chunk(event.substring(20));
                }
            }
            read.acquire();
            connection.chunk(DONE);
            read.acquire();
            connection.lastChunk();
        });
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body(true))) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.readUntil(": queued\n\n");
            for (int i = 0; i < 50; i++) {
                read.release();
                client.readUntil(event(i));
            }
            read.release();
            client.readUntil(DONE);
            read.release();
            client.readUntil("0\r\n\r\n");
        }
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void passesEachPieceOfADocumentBeforeTheNextIsSent() throws IOException {
        Semaphore read = new Semaphore(0);
        String[] pieces = {"\n", "\n\n", "{\"choices\":[{\"message\":", "{\"content\":\"Hel", "lo\"}}", "]}", "\n"};
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("application/json");
            for (String piece : pieces) {
                connection.chunk(piece);
                read.acquire();
            }
            connection.lastChunk();
        });
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body(false))) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            for (String piece : pieces) {
                client.readUntil(piece + "\r\n");
                read.release();
            }
            client.readUntil("0\r\n\r\n");
        }
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
    }

    @Test
    void letsAReaderThatPausesHoldTheUpstreamBack() throws IOException {
        long[] sent = {0};
        String event = event(1).repeat(100);
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.chunk(event);
                sent[0] += event.length();
            }
        });
        try (RawClient client = RawClient.slow(gateway).chat(Gateway.SEARCH, body(true))) {
            client.readHead();
            long[] before = {-1};
            // The upstream's writing comes to a halt once the buffers between it and the client are full.
            AtRest.every(Duration.ofMillis(300), Duration.ofSeconds(10), () -> {
                boolean halted = sent[0] == before[0];
                before[0] = sent[0];
                return halted;
            });
            assertThat(sent[0]).isLessThan(64 * 1024 * 1024);
        }
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.CANCELLED);
    }

    // As they are

    @Test
    void passesAStreamsBytesHoweverTheyAreCut() {
        byte[] bytes = ODD_STREAM.getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < 150; seed++) {
            answersInPieces("text/event-stream", bytes, new Random(seed));
            HttpResponse<byte[]> answer = chat(true);
            assertThat(answer.body()).as("seed " + seed).isEqualTo(bytes);
            var call = gateway.record();
            assertThat(call.outcome()).as("seed " + seed).isEqualTo(Outcome.COMPLETED);
            assertThat(call.tokens()).isEqualTo(new TokenUsage(0, 8, 6, 0, false));
        }
    }

    @Test
    void passesADocumentsBytesHoweverTheyAreCut() {
        byte[] bytes = ODD_DOCUMENT.getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < 100; seed++) {
            answersInPieces("application/json", bytes, new Random(seed));
            HttpResponse<byte[]> answer = chat(false);
            assertThat(answer.body()).as("seed " + seed).isEqualTo(bytes);
            var call = gateway.record();
            assertThat(call.outcome()).as("seed " + seed).isEqualTo(Outcome.COMPLETED);
            assertThat(call.tokens()).isEqualTo(new TokenUsage(0, 7, 5, 0, false));
        }
    }

    @Test
    void passesTheRequestsBytesButForTheModelsValue() throws IOException {
        String before =
                "{ \"z\" : 1.50 ,\n\t\"stream\":false,\"unknown\":{\"model\":\"fast\",\"a\":[1e+2,-0.0]},\"text\":\""
                        + "日本語 😀 \\u00e9 \\/ ".repeat(20_000) + "\", \"model\"  :\r\n ";
        String after = " ,\"messages\":[],\"twice\":1,\"twice\":2,\"a\":{\"stream\":true}}\n ";
        byte[] sent = (before + "\"fast\"" + after).getBytes(StandardCharsets.UTF_8);
        byte[][] received = {{}};
        upstream.does(connection -> {
            connection.readRequest();
            received[0] = connection.body();
            connection.beginChunked("application/json");
            connection.chunk("{}");
            connection.lastChunk();
        });
        for (int cut : new int[] {0, 1, before.indexOf("fast"), sent.length - 1}) {
            var body = BodyPublishers.concat(
                    BodyPublishers.ofByteArray(Arrays.copyOf(sent, cut)),
                    BodyPublishers.ofByteArray(Arrays.copyOfRange(sent, cut, sent.length)));
            assertThat(gateway.send(gateway.request("/chat/completions", Gateway.SEARCH)
                                    .POST(body)
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(received[0]).isEqualTo((before + "\"deepseek-flash\"" + after).getBytes(StandardCharsets.UTF_8));
        }
    }

    // And keeps none of them

    @Test
    void keepsNothingOfALongStreamWhoseReadsEndInTheMiddleOfEvents() throws IOException {
        String event = event(1).replace("Hello", "Hello".repeat(800));
        String half = event.substring(0, event.length() / 2);
        String shifted = event.substring(half.length()) + half;
        int events = 8_000;
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk(half);
            for (int i = 1; i < events; i++) {
                connection.chunk(shifted);
            }
            connection.chunk(event.substring(half.length()) + DONE);
            connection.lastChunk();
        });
        long before = directMemory();
        long most = 0;
        try (RawClient client = new RawClient(gateway).chat(Gateway.SEARCH, body(true))) {
            for (int i = 0; i < events / 100; i++) {
                client.skip(100 * event.length());
                most = Math.max(most, directMemory() - before);
            }
            client.readUntil(DONE);
        }
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
        assertThat(most)
                .as("bytes more than before, of " + events * event.length())
                .isLessThan(8 * 1024 * 1024);
    }

    private static long directMemory() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    /** Sends {@code bytes} in chunks of random sizes, some written at once and some each by itself. */
    private static void answersInPieces(String type, byte[] bytes, Random random) {
        int largest = 1 + random.nextInt(60);
        boolean flush = random.nextBoolean();
        upstream.does(connection -> {
            while (true) {
                connection.readRequest();
                connection.beginChunked(type);
                var out = new ByteArrayOutputStream();
                for (int at = 0; at < bytes.length; ) {
                    int size = Math.min(bytes.length - at, 1 + random.nextInt(largest));
                    out.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    out.write(bytes, at, size);
                    out.writeBytes(new byte[] {'\r', '\n'});
                    at += size;
                    if (flush) {
                        connection.write(out.toByteArray());
                        out.reset();
                    }
                }
                connection.write(out.toByteArray());
                connection.lastChunk();
            }
        });
        upstream.closeConnections();
    }

    private static HttpResponse<byte[]> chat(boolean stream) {
        return gateway.send(
                gateway.request("/chat/completions", Gateway.SEARCH)
                        .POST(BodyPublishers.ofString(body(stream)))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String event(int number) {
        return "data: {\"n\":" + number + ",\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
    }

    private static String body(boolean stream) {
        return "{\"model\":\"deepseek-flash\",\"stream\":" + stream + ",\"messages\":[]}";
    }
}

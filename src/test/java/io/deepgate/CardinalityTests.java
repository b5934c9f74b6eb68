package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Callers cannot make series: whatever they write, labels come from configuration. */
class CardinalityTests {

    private static final int REQUESTS = 10_000;

    @Test
    void doesNotGrowByWhatCallersWrite() throws Exception {
        try (RawUpstream upstream = RawUpstream.start();
                Gateway gateway =
                        Gateway.inFrontOf(upstream.baseUrl(), "logging.level.io.deepgate.usage.CallLog=off")) {
            send(gateway, 0, 8);
            AtRest.within(Duration.ofSeconds(10), () -> gateway.prometheus().contains("hikaricp_connections_usage"));
            Set<String> before = series(gateway);
            int calls = send(gateway, 8, REQUESTS);

            assertThat(calls).isEqualTo(REQUESTS - 8);
            assertThat(before).hasSizeGreaterThan(100);
            Set<String> more = series(gateway);
            more.removeAll(before);
            // The JVM may have made a memory pool, or collected garbage for another reason.
            assertThat(more).filteredOn(one -> !one.startsWith("jvm_")).isEmpty();
        }
    }

    /** Sends requests that each write something else, on one connection, one behind the other; counts the answers. */
    private static int send(Gateway gateway, int from, int to) throws IOException, InterruptedException {
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.setSoTimeout(10_000);
            Thread writer = Thread.ofVirtual().start(() -> write(socket, from, to));
            InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
            int answers = 0;
            byte[] wanted = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
            int matched = 0;
            while (answers < to - from) {
                int next = in.read();
                assertThat(next)
                        .as("the connection's end after %d answers", answers)
                        .isNotNegative();
                matched = next == wanted[matched] ? matched + 1 : next == wanted[0] ? 1 : 0;
                if (matched == wanted.length) {
                    answers++;
                    matched = 0;
                }
            }
            writer.join();
            return answers;
        }
    }

    private static void write(Socket socket, int from, int to) {
        try {
            OutputStream out = socket.getOutputStream();
            for (int number = from; number < to; number++) {
                out.write(request(number).getBytes(StandardCharsets.US_ASCII));
            }
            out.flush();
        } catch (IOException e) {
            // Who reads sees it.
        }
    }

    /** By turns: a model that is served as the default slug, but with what no upstream takes; a key; a path; a model's path. */
    private static String request(int number) {
        String key = Gateway.SEARCH.value();
        return switch (number % 4) {
            case 0 -> {
                String body =
                        "{\"model\":\"model-%d\",\"user\":\"user-%d\",\"user_id\":\"id-%d\",\"n\":2,\"messages\":[]}"
                                .formatted(number, number, number);
                yield head("POST", "/v1/chat/completions", key, body.length()) + body;
            }
            case 1 -> head("POST", "/v1/chat/completions", "dg-key%d-%d".formatted(number, number), 0);
            case 2 -> head("GET", "/v1/path-" + number, key, 0);
            default -> head("GET", "/v1/models/model-" + number, key, 0);
        };
    }

    private static String head(String method, String path, String key, int length) {
        return "%s %s HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer %s\r\nuser-agent: %s\r\ncontent-length: %d\r\n\r\n"
                .formatted(method, path, key, path, length);
    }

    /** Names with labels. */
    private static Set<String> series(Gateway gateway) {
        AtRest.assertThatHasNoOpenCall(gateway);
        return gateway.prometheus()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Callers cannot make series: whatever they write, labels come from configuration. */
class CardinalityTests {

    /** Each of them with a model, ids of users and of a request, or a key and a path, that no other has. */
    private static final int EACH = 10_000;

    private static final int CONNECTIONS = 8;

    @Test
    void doesNotGrowByWhatCallersWrite() throws Exception {
        try (RawUpstream upstream = RawUpstream.start();
                Gateway gateway =
                        Gateway.inFrontOf(upstream.baseUrl(), "logging.level.io.deepgate.usage.CallLog=off")) {
            int first = 3 * CONNECTIONS;
            answers(gateway, 0, first);
            AtRest.within(Duration.ofSeconds(10), () -> gateway.prometheus().contains("hikaricp_connections_usage"));
            Set<String> before = series(gateway);
            int answers = answers(gateway, first, first + 3 * EACH);

            assertThat(answers).isEqualTo(3 * EACH);
            assertThat(rejected(gateway)).isEqualTo(EACH + CONNECTIONS);
            assertThat(before).hasSizeGreaterThan(100);
            Set<String> more = series(gateway);
            more.removeAll(before);
            // The JVM may have made a memory pool, or collected garbage for another reason.
            assertThat(more).filteredOn(one -> !one.startsWith("jvm_")).isEmpty();
        }
    }

    private static double rejected(Gateway gateway) {
        return gateway.meters().get("gateway.access.rejected").counter().count();
    }

    /** Sends the requests on many connections; counts the answers. */
    private static int answers(Gateway gateway, int from, int to) throws Exception {
        int share = (to - from) / CONNECTIONS;
        int answers = 0;
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> sent = IntStream.range(0, CONNECTIONS)
                    .mapToObj(i -> callers.submit(() -> send(gateway, from + i * share, from + (i + 1) * share)))
                    .toList();
            for (Future<Integer> one : sent) {
                answers += one.get();
            }
        }
        return answers;
    }

    /** Sends requests that each write something else, on one connection, one behind the other; counts the answers. */
    private static int send(Gateway gateway, int from, int to) throws IOException, InterruptedException {
        try (Socket socket = new Socket("127.0.0.1", gateway.port())) {
            socket.setSoTimeout(30_000);
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

    /** By turns: a model that is served as the default slug, but with what no upstream takes; a key; a model's path. */
    private static String request(int number) {
        String key = Gateway.SEARCH.value();
        return switch (number % 3) {
            case 0 -> {
                String body =
                        "{\"model\":\"model-%d\",\"user\":\"user-%d\",\"user_id\":\"id-%d\",\"n\":2,\"messages\":[]}"
                                .formatted(number, number, number);
                yield head("POST", "/v1/chat/completions", key, number, body.length()) + body;
            }
            case 1 -> head("GET", "/v1/path-" + number, "dg-key%d-%d".formatted(number, number), number, 0);
            default -> head("GET", "/v1/models/model-" + number, key, number, 0);
        };
    }

    private static String head(String method, String path, String key, int number, int length) {
        return """
                %s %s HTTP/1.1\r
                host: gateway\r
                authorization: Bearer %s\r
                user-agent: agent-%d\r
                x-request-id: request-%d\r
                traceparent: 00-%032x-%016x-01\r
                content-length: %d\r
                \r
                """.formatted(method, path, key, number, number, number + 1, number + 1, length);
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

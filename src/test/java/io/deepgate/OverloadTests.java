package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.ApiKey;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process of its own, with a small heap, gets more than it can do, and clients that mean it no good. */
@Tag("chaos")
@Timeout(240)
class OverloadTests {

    private static final int CAPACITY = 32;
    private static final Duration DELAY = Duration.ofMillis(100);
    /** Times are judged only when nothing else is built and tested at the same time. */
    private static final boolean AT_LENGTH = System.getProperty("chaos.load") != null;

    private static final int IDLE = Integer.getInteger("chaos.idle", 1000);
    private static final Duration LOAD = Duration.ofSeconds(Integer.getInteger("chaos.load", 3));
    private static final String CHAT =
            "{\"model\":\"deepseek-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"[[say ok]] " + Overheard.CANARY
                    + "\"}]}";

    @TempDir
    private static Path folder;

    private static Sandbox sandbox;
    private static GatewayProcess gateway;
    private static HttpClient client;
    private static ExecutorService threads;

    /** One call: when it was answered, and with what. */
    private record Answered(int status, long nanos, String body) {}

    @BeforeAll
    static void start() throws IOException {
        sandbox = Sandbox.start(new SandboxProperties(0, DELAY, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = GatewayProcess.inFrontOf(
                sandbox.baseUrl(),
                folder,
                List.of("-Xmx160m"),
                "gateway.admission.capacity.calls=" + CAPACITY,
                "gateway.admission.capacity.bodies=1MB",
                "gateway.api.head-timeout=1s",
                "gateway.api.request-timeout=2s",
                "gateway.watch.drain-timeout=1s");
        client = HttpClient.newHttpClient();
        threads = Executors.newVirtualThreadPerTaskExecutor();
    }

    @AfterAll
    static void stop() {
        threads.close();
        client.close();
        gateway.close();
        sandbox.close();
    }

    @Test
    void refusesEarlyWhatItCannotServe() throws Exception {
        offered(CAPACITY / 2, Duration.ofSeconds(1));
        List<Answered> unloaded = offered(CAPACITY / 2, LOAD);
        AtomicBoolean loaded = new AtomicBoolean(true);
        ConcurrentLinkedQueue<Long> pings = new ConcurrentLinkedQueue<>();
        threads.submit(() -> {
            while (loaded.get()) {
                pings.add(ping());
                Thread.sleep(20);
            }
            return null;
        });

        List<Answered> all = offered(3 * CAPACITY, LOAD);
        loaded.set(false);

        List<Answered> admitted =
                all.stream().filter(answer -> answer.status == 200).toList();
        List<Answered> refused =
                all.stream().filter(answer -> answer.status != 200).toList();
        long before = percentile(unloaded, 0.99);
        long during = percentile(admitted, 0.99);
        List<Long> answered = pings.stream().sorted().toList();
        System.out.printf(
                "overload: %d offered a second, %d admitted, %d refused; p99 %d ms unloaded, %d ms admitted, %d ms refused;"
                        + " management port p50 %d ms, p99 %d ms, worst %d ms%n",
                all.size() / LOAD.toSeconds(),
                admitted.size(),
                refused.size(),
                before / 1_000_000,
                during / 1_000_000,
                percentile(refused, 0.99) / 1_000_000,
                answered.get(answered.size() / 2) / 1_000_000,
                answered.get(answered.size() * 99 / 100) / 1_000_000,
                answered.getLast() / 1_000_000);
        assertThat(refused).isNotEmpty().allMatch(answer -> answer.status == 503);
        if (AT_LENGTH) {
            assertThat(refused).hasSizeGreaterThan(all.size() / 3);
            assertThat(during).as("p99 of admitted calls, nanoseconds").isLessThan(3 * before);
            assertThat(answered.get(answered.size() * 99 / 100))
                    .as("p99 of the management port, nanoseconds")
                    .isLessThan(Duration.ofMillis(100).toNanos());
        }
        AtRest.within(Duration.ofSeconds(5), () -> call(Gateway.MAIL).status == 200);
    }

    @Test
    void holdsOnlySoManyBytesOfBodies() throws Exception {
        List<RawClient> uploading = new ArrayList<>();
        String head = RawClient.chatHead(Gateway.SEARCH, 2_000_000);
        for (int i = 0; i < 2; i++) {
            uploading.add(connect().send(head).send(new byte[400_000]));
        }
        AtRest.within(Duration.ofSeconds(5), () -> meter("gateway_admission_open_bodies_bytes") >= 800_000);

        RawClient tooMuch = connect().send(head).send(new byte[400_000]);

        assertThat(tooMuch.readHead()).startsWith("HTTP/1.1 503 ").contains("retry-after: 1");
        assertThat(call(Gateway.MAIL).status).isEqualTo(200);
        for (RawClient client : uploading) {
            client.close();
        }
        tooMuch.close();
        AtRest.within(Duration.ofSeconds(5), () -> meter("gateway_admission_open_bodies_bytes") == 0);
    }

    @Test
    void refusesABodyWhosePiecesCostMoreThanItsBytes() throws Exception {
        try (RawClient client = connect().patience(20_000)) {
            client.send(RawClient.chatHead(Gateway.SEARCH, -1, "transfer-encoding: chunked"));
            client.trySend("1\r\n \r\n".repeat(100_000));

            assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
            assertThat(call(Gateway.MAIL).status).isEqualTo(200);
        }
        AtRest.within(Duration.ofSeconds(5), () -> meter("gateway_admission_open_bodies_bytes") == 0);
    }

    @Test
    void forgetsTheBodyOfACallWhoseAnswerHasBegun() throws Exception {
        try (RawClient stream = connect()) {
            stream.chat(
                    Gateway.SEARCH,
                    CHAT.replace("[[say ok]]", "[[rate 10]] [[tokens 1000]]")
                            .replace("{\"model", "{\"stream\":true,\"model"));
            stream.readUntil("\"content\":\"");

            AtRest.within(Duration.ofSeconds(5), () -> meter("gateway_admission_open_bodies_bytes") == 0);
            assertThat(meter("gateway_admission_open_calls")).isEqualTo(1);
        }
        AtRest.within(Duration.ofSeconds(5), () -> meter("gateway_admission_open_calls") == 0);
    }

    @Test
    void isNotStoppedByOddClients() throws Exception {
        Random random = new Random(1);
        byte[] garbage = new byte[100_000];
        random.nextBytes(garbage);
        List<RawClient> odd = new ArrayList<>();
        for (int i = 0; i < IDLE; i++) {
            odd.add(connect());
        }
        List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            slow.add(connect().send("POST /v1/chat/completions HTTP/1.1\r\nhost: gate"));
        }
        String ping =
                "GET /v1/models HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + Gateway.SEARCH.value() + "\r\n";
        for (int i = 0; i < 20; i++) {
            odd.add(connect().trySend(ping + "x-large: " + "x".repeat(1_000_000) + "\r\n\r\n"));
            odd.add(connect().trySend((ping + "\r\n").repeat(5000)));
            odd.add(connect().trySend(ping + "\r\n").trySend(garbage));
            odd.add(connect().trySend(garbage));
            odd.add(connect()
                    .trySend(RawClient.chatHead(Gateway.SEARCH, -1, "transfer-encoding: chunked") + "zzz\r\n"));
        }

        long slowest = 0;
        for (int i = 0; i < 50; i++) {
            Answered answer = call(Gateway.MAIL);
            assertThat(answer.status).as(answer.body).isEqualTo(200);
            slowest = Math.max(slowest, answer.nanos);
        }
        long heap = (long) meter("jvm_memory_used_bytes{area=\"heap\"");
        System.out.printf(
                "odd clients: %d idle, 200 slow, 100 others; another tenant's slowest call %d ms; heap %d MB, direct %d KB%n",
                IDLE,
                slowest / 1_000_000,
                heap >> 20,
                (long) meter("jvm_buffer_memory_used_bytes{id=\"direct\"") >> 10);
        assertThat(slowest).isLessThan(Duration.ofSeconds(AT_LENGTH ? 1 : 8).toNanos());
        for (RawClient client : slow) {
            assertThat(client.patience(5000).readAll())
                    .as("a head that does not end is given up")
                    .isEmpty();
            client.close();
        }
        for (RawClient client : odd) {
            client.reset();
        }
        AtRest.within(Duration.ofSeconds(5), () -> meter("gateway_admission_open_calls") == 0);
    }

    /** So many callers, each of which calls again right after an answer, and a moment after a refusal. */
    private static List<Answered> offered(int callers, Duration time) throws Exception {
        ConcurrentLinkedQueue<Answered> all = new ConcurrentLinkedQueue<>();
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService callersThreads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < callers; i++) {
                callersThreads.submit(() -> {
                    try (LoadCaller caller =
                            new LoadCaller(gateway.port(), RawClient.chatHead(Gateway.SEARCH, CHAT.length()) + CHAT)) {
                        while (System.nanoTime() < end) {
                            long begun = System.nanoTime();
                            Answered answer = new Answered(caller.call(), System.nanoTime() - begun, "");
                            all.add(answer);
                            if (answer.status != 200) {
                                // As long as an answer would have taken, so that callers offer three times the
                                // capacity.
                                TimeUnit.NANOSECONDS.sleep(DELAY.toNanos() - answer.nanos);
                            }
                        }
                    }
                    return null;
                });
            }
        }
        return List.copyOf(all);
    }

    private static Answered call(ApiKey key) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + key.value())
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(CHAT))
                .build();
        long begun = System.nanoTime();
        HttpResponse<String> response = send(request);
        return new Answered(response.statusCode(), System.nanoTime() - begun, response.body());
    }

    private static long ping() throws IOException {
        String request = "GET /actuator/health/readiness HTTP/1.1\r\nhost: gateway\r\n\r\n";
        long begun = System.nanoTime();
        try (LoadCaller probe = new LoadCaller(gateway.managementPort(), request)) {
            assertThat(probe.call()).isEqualTo(200);
        }
        return System.nanoTime() - begun;
    }

    /** The sum of the samples that begin with {@code name}. */
    private static double meter(String name) {
        return management("/actuator/prometheus")
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private static String management(String path) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + path);
        return send(HttpRequest.newBuilder(uri).build()).body();
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RawClient connect() throws IOException {
        return RawClient.connect(gateway.port());
    }

    private static long percentile(List<Answered> answers, double share) {
        List<Long> nanos = answers.stream().map(Answered::nanos).sorted().toList();
        return nanos.get((int) ((nanos.size() - 1) * share));
    }
}

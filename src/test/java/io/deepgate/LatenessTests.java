package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway that nobody has told what it can serve gets three times of it. It has one processor, so that it has too much to
 * do before its callers and its upstream have; what it can serve is measured first, with the same of them.
 */
@Tag("chaos")
@EnabledIfSystemProperty(named = "chaos.load", matches = ".+", disabledReason = "only with -Pchaos: it takes minutes")
@Timeout(600)
class LatenessTests {

    private static final long DELAY = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Duration LOAD = Duration.ofSeconds(Integer.getInteger("chaos.load", 1));
    private static final int FEW = 150;
    private static final int MANY = 400;
    /** So many callers for one that would call all the time, so that those who wait longer still call on time. */
    private static final int SLOWLY = 3;

    private static final String BODY =
            "{\"model\":\"deepseek-chat\",\"messages\":[{\"role\":\"user\",\"content\":\"" + Overheard.CANARY + "\"}]}";
    private static final String REQUEST = RawClient.chatHead(Gateway.SEARCH, BODY.length()) + BODY;
    private static final String ANSWER =
            "{\"choices\":[{\"message\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5}}";

    @TempDir
    private static Path folder;

    private static RawUpstream upstream;
    private static GatewayProcess gateway;

    /** Calls of one phase, by what became of them, nanoseconds each. */
    private record Phase(List<Long> served, List<Long> refused) {

        double servedASecond() {
            return served.size() / (double) LOAD.toSeconds();
        }

        double offeredASecond() {
            return (served.size() + refused.size()) / (double) LOAD.toSeconds();
        }
    }

    @BeforeAll
    static void start() throws IOException {
        upstream = RawUpstream.start().does(connection -> {
            while (true) {
                connection.readRequest();
                TimeUnit.NANOSECONDS.sleep(DELAY);
                connection.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                        + ANSWER.length() + "\r\n\r\n" + ANSWER);
            }
        });
    }

    private static void startGateway(String lateness) throws Exception {
        gateway = GatewayProcess.inFrontOf(
                upstream.baseUrl(),
                folder,
                List.of("-Xmx160m", "-XX:ActiveProcessorCount=1", "-XX:TieredStopAtLevel=1"),
                "gateway.admission.capacity.lateness=" + lateness,
                "gateway.usage.directory=" + folder.resolve(lateness));
        new ProcessBuilder("taskset", "-a", "-c", "-p", "0", Long.toString(gateway.pid()))
                .start()
                .waitFor();
    }

    /** Calls a second that a gateway serves at most, one that sheds nothing. */
    private static double capacity() throws Exception {
        startGateway("0s");
        offered(FEW, DELAY);
        double capacity = Math.max(
                offered(FEW, DELAY).servedASecond(), offered(MANY, DELAY).servedASecond());
        gateway.close();
        startGateway("10ms");
        return capacity;
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void refusesEarlyWhatItCannotServe() throws Exception {
        double capacity = capacity();
        offered(FEW, DELAY);
        offered(MANY, DELAY);
        int callers = Math.max(4, (int) (capacity * DELAY / TimeUnit.SECONDS.toNanos(1)));
        Phase unloaded = offered(callers / 4, DELAY);
        offered(3 * SLOWLY * callers, SLOWLY * DELAY);
        List<LoadCaller> many = connected(3 * SLOWLY * callers);
        List<Long> pings = new ArrayList<>();
        Phase loaded;
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Phase> load = threads.submit(() -> offered(many, SLOWLY * DELAY));
            while (!load.isDone()) {
                pings.add(ping());
                TimeUnit.MILLISECONDS.sleep(20);
            }
            loaded = load.get();
        }
        Phase after = offered(callers / 4, DELAY);

        System.out.printf(
                "lateness: can serve %.0f a second; %d callers offer %.0f, served %.0f, refused %.0f; p50 and p99 %d and %d ms"
                        + " unloaded, %d and %d ms served, %d and %d ms refused, %d and %d ms after, of which refused %d;"
                        + " management port %d and %d ms; load average %s%n",
                capacity,
                many.size(),
                loaded.offeredASecond(),
                loaded.servedASecond(),
                loaded.offeredASecond() - loaded.servedASecond(),
                millis(unloaded.served, 0.5),
                millis(unloaded.served, 0.99),
                millis(loaded.served, 0.5),
                millis(loaded.served, 0.99),
                millis(loaded.refused, 0.5),
                millis(loaded.refused, 0.99),
                millis(after.served, 0.5),
                millis(after.served, 0.99),
                after.refused.size(),
                millis(pings, 0.5),
                millis(pings, 0.99),
                Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        assertThat(millis(loaded.served, 0.99))
                .as("milliseconds, p99 of calls that are served")
                .isLessThan(3 * millis(unloaded.served, 0.99));
        assertThat(millis(pings, 0.99))
                .as("milliseconds, p99 of the management port")
                .isLessThan(100);
        assertThat(loaded.servedASecond()).as("calls a second served").isGreaterThan(capacity / 4);
        assertThat(after.refused.size())
                .as("refused in the first seconds after")
                .isLessThan((int) (5 * capacity / 4));
        AtRest.within(Duration.ofSeconds(5), () -> shed() == 0);
    }

    /** The gateway has taken all of them when the last is answered. */
    private static List<LoadCaller> connected(int callers) throws IOException {
        List<LoadCaller> connected = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            connected.add(new LoadCaller(gateway.port(), REQUEST).connect());
        }
        connected.getLast().call();
        return connected;
    }

    private static Phase offered(int callers, long pace) throws Exception {
        return offered(connected(callers), pace);
    }

    /** Each of {@code callers} calls every {@code pace}, nanoseconds, or right after an answer that took longer. */
    private static Phase offered(List<LoadCaller> callers, long pace) throws Exception {
        ConcurrentLinkedQueue<Long> served = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Long> refused = new ConcurrentLinkedQueue<>();
        long end = System.nanoTime() + LOAD.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < callers.size(); i++) {
                int number = i;
                all.add(threads.submit(() -> {
                    TimeUnit.NANOSECONDS.sleep(pace * number / callers.size());
                    try (LoadCaller caller = callers.get(number)) {
                        while (System.nanoTime() < end) {
                            long begun = System.nanoTime();
                            int status = caller.call();
                            long took = System.nanoTime() - begun;
                            (status == 200 ? served : refused).add(took);
                            TimeUnit.NANOSECONDS.sleep(pace - took);
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> one : all) {
                one.get();
            }
        }
        return new Phase(List.copyOf(served), List.copyOf(refused));
    }

    private static long ping() throws IOException {
        long begun = System.nanoTime();
        try (LoadCaller caller = new LoadCaller(
                gateway.managementPort(), "GET /actuator/health/readiness HTTP/1.1\r\nhost: gateway\r\n\r\n")) {
            assertThat(caller.call()).isEqualTo(200);
        }
        return System.nanoTime() - begun;
    }

    private static double shed() throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("gateway_admission_shed"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }

    private static long millis(List<Long> nanos, double share) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get((int) ((sorted.size() - 1) * share)) / 1_000_000;
    }
}

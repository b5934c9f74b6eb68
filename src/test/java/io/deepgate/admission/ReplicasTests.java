package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.GatewayProcess;
import io.deepgate.RedisServer;
import io.deepgate.access.ApiKey;
import io.deepgate.forward.CountingUpstream;
import io.lettuce.core.Range;
import io.lettuce.core.Range.Boundary;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Three gateways, each a process of its own, and one Redis. */
@Tag("chaos")
@Timeout(300)
@TestMethodOrder(OrderAnnotation.class)
class ReplicasTests {

    @RegisterExtension
    private static final RedisServer REDIS = new RedisServer();

    @TempDir
    private static Path folder;

    private static final Logger log = LoggerFactory.getLogger(ReplicasTests.class);
    private static final boolean AT_LENGTH = System.getProperty("chaos.load") != null;
    private static final Duration LOAD = Duration.ofSeconds(Integer.getInteger("chaos.load", 4));
    private static final Duration LEASE = defaults().redis().lease();
    private static final int REPLICAS = 3;
    private static final int REQUESTS = AT_LENGTH ? 1200 : 300;
    private static final int TOKENS = 6000;
    private static final int CONCURRENT = 5;
    private static final int PROMPT = 30;
    private static final int LEAST_COMPLETION = 80;
    private static final int MOST_COMPLETION = 120;
    private static final AtomicLong USED = new AtomicLong();

    private static final CountingUpstream FOR_REQUESTS = new CountingUpstream(1000, Duration.ofMillis(2));
    private static final CountingUpstream FOR_TOKENS =
            new CountingUpstream(1000, Duration.ofMillis(2), ReplicasTests::anAnswer);
    private static final CountingUpstream FOR_CONCURRENCY = new CountingUpstream(1000, Duration.ofMillis(100));
    private static final CountingUpstream NEVER = new CountingUpstream(1000, Duration.ofMinutes(10));
    private static final List<GatewayProcess> GATEWAYS = new ArrayList<>();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final AtomicInteger FOLDERS = new AtomicInteger();

    private static final String TENANTS = """
            tenants:
            """
            + tenant("requests", "requests-per-minute: " + REQUESTS)
            + tenant("tokens", "tokens-per-minute: " + TOKENS)
            + tenant("concurrency", "concurrent-requests: " + CONCURRENT)
            + tenant("never", "concurrent-requests: " + CONCURRENT)
            + tenant("warm", "");

    private static String tenant(String name, String limits) {
        ApiKey key = key(name);
        return "  - { id: %s, keys: [{ id: %s, sha256: %s }], limits: { %s } }\n"
                .formatted(name, key.id(), key.sha256Hex(), limits);
    }

    private static ApiKey key(String tenant) {
        return ApiKey.parse("dg-" + tenant + "-0123456789abcdefghij0123456789abcdefghij");
    }

    private static AdmissionProperties defaults() {
        return new Binder(new MapConfigurationPropertySource())
                .bindOrCreate("gateway.admission", AdmissionProperties.class);
    }

    private static String anAnswer() {
        int completion = ThreadLocalRandom.current().nextInt(LEAST_COMPLETION, MOST_COMPLETION + 1);
        USED.addAndGet(PROMPT + completion);
        return """
                {"choices":[{"message":{"content":"Hello"}}],"usage":{"prompt_tokens":%d,"completion_tokens":%d}}""".formatted(PROMPT, completion);
    }

    @BeforeEach
    void startsThoseThatDoNotRun() throws Exception {
        GATEWAYS.removeIf(gateway -> !gateway.isAlive());
        try (ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<GatewayProcess>> started = new ArrayList<>();
            for (int missing = REPLICAS - GATEWAYS.size(); missing > 0; missing--) {
                started.add(starts.submit(ReplicasTests::start));
            }
            for (Future<GatewayProcess> gateway : started) {
                GATEWAYS.add(gateway.get());
            }
        }
        for (GatewayProcess gateway : GATEWAYS) {
            for (int i = 0; i < 200; i++) {
                assertThat(call(gateway, "warm", "requests").statusCode()).isEqualTo(200);
            }
        }
    }

    private static GatewayProcess start() throws IOException {
        List<String> properties = new ArrayList<>(List.of(
                "gateway.admission.store=redis",
                "gateway.admission.redis.lease=" + (AT_LENGTH ? LEASE : Duration.ofSeconds(3)),
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + REDIS.port(),
                "gateway.catalog.upstreams.requests.base-url=" + FOR_REQUESTS.baseUrl(),
                "gateway.catalog.upstreams.tokens.base-url=" + FOR_TOKENS.baseUrl(),
                "gateway.catalog.upstreams.concurrency.base-url=" + FOR_CONCURRENCY.baseUrl(),
                "gateway.catalog.upstreams.never.base-url=" + NEVER.baseUrl()));
        for (String name : List.of("requests", "tokens", "concurrency", "never")) {
            properties.add("gateway.catalog.upstreams." + name + ".api-key=sk-" + name);
            properties.add("gateway.catalog.aliases." + name + ".slug=" + name);
            properties.add("gateway.catalog.aliases." + name + ".upstream=" + name);
        }
        Path own = Files.createDirectory(folder.resolve("replica" + FOLDERS.incrementAndGet()));
        return GatewayProcess.with(
                TENANTS,
                FOR_REQUESTS.baseUrl(),
                own,
                List.of("-XX:TieredStopAtLevel=1", "-Xmx192m"),
                properties.toArray(String[]::new));
    }

    @AfterAll
    static void endWithoutAWordOfRedis() throws InterruptedException {
        List<Integer> said =
                GATEWAYS.stream().map(gateway -> gateway.output().length()).toList();
        GATEWAYS.forEach(GatewayProcess::terminate);
        for (int i = 0; i < GATEWAYS.size(); i++) {
            assertThat(GATEWAYS.get(i).exitCode(Duration.ofSeconds(30))).isZero();
            assertThat(GATEWAYS.get(i).output().substring(said.get(i)))
                    .contains("Shutdown completed")
                    .doesNotContain("Redis", "lettuce");
        }
        CLIENT.close();
        List.of(FOR_REQUESTS, FOR_TOKENS, FOR_CONCURRENCY, NEVER).forEach(CountingUpstream::close);
    }

    /** First, since the other ends a gateway. */
    @Test
    @Order(1)
    void admitTogetherWhatOneWould() throws Exception {
        long before = FOR_REQUESTS.requests();
        long undecidedBefore = undecided();
        AtomicBoolean hungry = new AtomicBoolean(true);
        Set<String> refused = ConcurrentHashMap.newKeySet();
        long start = System.nanoTime();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (GatewayProcess gateway : GATEWAYS) {
                for (int i = 0; i < 4; i++) {
                    clients.execute(() -> callWhile(hungry, gateway, "requests", refused));
                    clients.execute(() -> callWhile(hungry, gateway, "concurrency", refused));
                }
                clients.execute(() -> callWhile(hungry, gateway, "tokens", refused));
            }
            AtRest.within(
                    Duration.ofMinutes(1), () -> refused.containsAll(Set.of("requests", "tokens", "concurrency")));
            Thread.sleep(LOAD);
            hungry.set(false);
        }
        double minutes = (System.nanoTime() - start) / 60e9;

        long admitted = FOR_REQUESTS.requests() - before;
        double requests = REQUESTS * (1 + minutes);
        double tokens = TOKENS * (1 + minutes);
        long undecided = undecided() - undecidedBefore;
        String figures =
                ("%d calls of %.1f that the limit allows; %d tokens of %.1f; at most %d calls of %d at one instant;"
                                + " %d calls that Redis did not decide in time")
                        .formatted(
                                admitted, requests, USED.get(), tokens, FOR_CONCURRENCY.most(), CONCURRENT, undecided);
        log.info(figures);
        // What this machine was too busy to ask Redis within 50 ms was decided by shares, and may come on top.
        assertThat(undecided).as(figures).isLessThan(admitted / 2);
        assertThat((double) admitted).as(figures).isBetween(requests * 0.99, requests * 1.01 + undecided);
        // A call more could not be claimed, and of the last that was the claim may be wrong.
        double call = PROMPT + MOST_COMPLETION;
        assertThat((double) USED.get()).as(figures).isBetween(tokens - call, tokens + call * (1 + undecided));
        assertThat((long) FOR_CONCURRENCY.most()).as(figures).isBetween((long) CONCURRENT, CONCURRENT + undecided);
        for (String tenant : List.of("requests", "tokens", "concurrency")) {
            AtRest.within(Duration.ofSeconds(5), () -> leases(tenant) == 0);
        }
        // What was taken is what was used, to the token, but for what Redis was never told: nothing is left claimed.
        double claimable = claimableTokens();
        double unused = TOKENS * (1 + (System.nanoTime() - start) / 60e9) - USED.get();
        assertThat(claimable).as(figures).isBetween(Math.min(TOKENS, unused) - 100, unused + 100 + undecided * call);
    }

    /** Eagerly, but not so that those who refuse have nothing else to do. */
    private static void callWhile(AtomicBoolean hungry, GatewayProcess gateway, String name, Set<String> refused) {
        try {
            while (hungry.get()) {
                int status = call(gateway, name, name).statusCode();
                assertThat(status).isIn(200, 429);
                if (status == 429) {
                    refused.add(name);
                    Thread.sleep(100);
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void reclaimTheCallsOfOneThatIsKilled() throws Exception {
        assertThat(LEASE).isLessThan(Duration.ofSeconds(30));
        GatewayProcess dying = GATEWAYS.removeFirst();
        for (int i = 0; i < CONCURRENT; i++) {
            CLIENT.sendAsync(request(dying, "never", "never"), BodyHandlers.discarding());
        }
        AtRest.within(Duration.ofSeconds(20), () -> NEVER.inFlight() == CONCURRENT);
        GatewayProcess living = GATEWAYS.getFirst();
        assertThat(call(living, "never", "requests").statusCode()).isEqualTo(429);

        ProcessHandle.of(dying.pid()).orElseThrow().destroyForcibly();
        dying.exitCode(Duration.ofSeconds(10));
        long killed = System.nanoTime();

        assertThat(leases("never")).isEqualTo(CONCURRENT);
        AtRest.every(
                Duration.ofMillis(100),
                Duration.ofSeconds(30),
                () -> call(living, "never", "requests").statusCode() == 200);
        Duration reclaimed = Duration.ofNanos(System.nanoTime() - killed);
        log.info("Reclaimed {} after the kill", reclaimed);
        AtRest.within(Duration.ofSeconds(10), () -> leases("never") == 0);
    }

    /** Calls whose lease has not run out. */
    private static long leases(String tenant) {
        RedisCommands<String, String> redis = REDIS.commands();
        long now = Long.parseLong(redis.time().getFirst()) * 1000;
        return redis.zcount(RedisCalls.callsKey(tenant), Range.from(Boundary.including(now), Boundary.unbounded()));
    }

    /** As Redis would count them now. */
    private static double claimableTokens() {
        RedisCommands<String, String> redis = REDIS.commands();
        List<String> time = redis.time();
        Map<String, String> limits = redis.hgetall(RedisCalls.keys("tokens")[0]);
        double micros = Long.parseLong(time.get(0)) * 1e6
                + Long.parseLong(time.get(1))
                - Double.parseDouble(limits.get("tokens-at"));
        return Math.min(TOKENS, Double.parseDouble(limits.get("tokens")) + micros * TOKENS / 60e6);
    }

    private static long undecided() throws IOException, InterruptedException {
        long undecided = 0;
        for (GatewayProcess gateway : GATEWAYS) {
            URI meters = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/prometheus");
            undecided += CLIENT.send(HttpRequest.newBuilder(meters).build(), BodyHandlers.ofLines())
                    .body()
                    .filter(line -> line.startsWith("gateway_admission_undecided_total"))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
        return undecided;
    }

    private static HttpResponse<String> call(GatewayProcess gateway, String tenant, String model)
            throws IOException, InterruptedException {
        return CLIENT.send(request(gateway, tenant, model), BodyHandlers.ofString());
    }

    private static HttpRequest request(GatewayProcess gateway, String tenant, String model) {
        String body = """
                {"model":"%s","max_tokens":%d,"messages":[{"role":"user","content":"How are you today?"}]}""".formatted(model, MOST_COMPLETION);
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                .header("authorization", "Bearer " + key(tenant).value())
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }
}

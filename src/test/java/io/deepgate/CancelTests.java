package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.usage.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waves of clients leave at the same time, half of them after having read next to nothing. */
@Tag("chaos")
@Timeout(600)
class CancelTests {

    private static final int WAVE = 500;
    private static final int CANCELS = Integer.getInteger("chaos.cancels", 2 * WAVE);
    private static final int PATIENCE_MILLIS = 60_000;
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private static final AtomicInteger reached = new AtomicInteger();
    private static RawUpstream upstream;
    private static Gateway gateway;

    /** How far an upstream has come with a call. */
    private enum Point {
        BEFORE_HEADERS,
        BETWEEN_HEADERS_AND_BODY,
        IN_THE_BODY
    }

    @BeforeAll
    static void start() {
        String event = "data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(8000) + "\"}}]}\n\n";
        upstream = RawUpstream.start().does(connection -> {
            connection.readRequest();
            String asked = new String(connection.body());
            if (!asked.contains(Point.BEFORE_HEADERS.name())) {
                connection.beginChunked("text/event-stream");
            }
            if (asked.contains(Point.IN_THE_BODY.name())) {
                connection.chunk(event);
                reached.incrementAndGet();
                // A slow client stops the flow long before the end of this; the others get a trickle.
                for (int i = 0; asked.contains("slow") && i < 200; i++) {
                    connection.chunk(event);
                }
            } else {
                reached.incrementAndGet();
            }
            connection.awaitClose();
        });
        gateway = Gateway.inFrontOf(upstream.baseUrl());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void leavesNothingBehindWhenThousandsLeave() throws Exception {
        Random random = new Random(1);
        long memory = 0;
        long slowest = 0;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int gone = 0; gone < CANCELS; gone += WAVE) {
                slowest = Math.max(slowest, wave(clients, random));
                memory = memory == 0 ? AtRest.directMemory() : memory;
                assertThat(AtRest.directMemory() - memory)
                        .as("bytes of direct memory more than after the first wave")
                        .isLessThan(64 << 20);
            }
        }
        System.out.printf(
                "cancel: %d calls, the upstream's last connection closed after %d ms at most, direct memory %+d KB%n",
                CANCELS, slowest / 1_000_000, (AtRest.directMemory() - memory) / 1024);
        assertThat(slowest)
                .as("nanoseconds to the end of all upstream connections")
                .isLessThan(SECOND);
        assertThat(Leaks.found()).as("leaked buffers").isEmpty();
    }

    /** Returns the nanoseconds it took until no upstream connection was open. */
    private static long wave(ExecutorService threads, Random random) throws Exception {
        reached.set(0);
        List<Future<RawClient>> opening = IntStream.range(0, WAVE)
                .mapToObj(i -> threads.submit(() -> begun(Point.values()[i % Point.values().length], i % 2 == 0)))
                .toList();
        List<RawClient> clients = new ArrayList<>();
        for (Future<RawClient> client : opening) {
            clients.add(client.get());
        }
        AtRest.within(Duration.ofMillis(PATIENCE_MILLIS), () -> reached.get() == WAVE);
        long left = System.nanoTime();
        for (RawClient client : clients) {
            if (random.nextBoolean()) {
                client.reset();
            } else {
                client.close();
            }
        }
        AtRest.within(Duration.ofSeconds(5), () -> upstream.openConnections() == 0);
        long took = System.nanoTime() - left;
        for (int i = 0; i < WAVE; i++) {
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.CANCELLED);
        }
        AtRest.assertThatHolds(gateway);
        return took;
    }

    private static RawClient begun(Point point, boolean slow) {
        try {
            RawClient client = (slow ? RawClient.slow(gateway) : new RawClient(gateway)).patience(PATIENCE_MILLIS);
            client.chat(
                    Gateway.SEARCH,
                    "{\"model\":\"deepseek-flash\",\"stream\":true,\"messages\":\"" + point + (slow ? " slow" : "")
                            + "\"}");
            if (point == Point.IN_THE_BODY) {
                client.readHead();
            }
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

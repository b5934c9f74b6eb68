package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that reads nothing, while its upstream sends as fast as it can, costs the gateway little memory. */
class SlowReaderTests {

    private static final int READERS = 100;
    /** Together less than 256 KB, since leak detection keeps traces of each buffer in the heap: a half of it, and more. */
    private static final int MOST_BUFFERS = 192 * 1024;

    private static final int MOST_HEAP = 160 * 1024;

    private static RawUpstream flood;
    private static Gateway gateway;
    private static long before;

    @BeforeAll
    static void start() {
        flood = RawUpstream.start();
        gateway = Gateway.inFrontOf(flood.baseUrl());
        before = AtRest.directMemory();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        flood.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 8_000, 50_000, 900_000})
    void boundsWhatItHoldsOfAStream(int eventSize) throws Exception {
        byte[] event = chunk("data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(eventSize) + "\"}}]}\n\n");
        flood.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.write(event);
            }
        });
        boundsWhatItHolds("events of " + eventSize + " bytes", "{\"model\":\"deepseek-flash\",\"stream\":true}");
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 10_000_000})
    void boundsWhatItHoldsOfADocument(int stringSize) throws Exception {
        byte[] head = chunk("{\"choices\":[");
        byte[] piece = chunk("{\"message\":{\"content\":\"" + "x".repeat(stringSize) + "\"}},");
        flood.does(connection -> {
            connection.readRequest();
            connection.beginChunked("application/json");
            connection.write(head);
            while (true) {
                connection.write(piece);
            }
        });
        boundsWhatItHolds("a document with strings of " + stringSize + " bytes", "{\"model\":\"deepseek-flash\"}");
    }

    private static void boundsWhatItHolds(String what, String body) throws Exception {
        long heapBefore = heap();
        int requests = flood.requests();
        List<RawClient> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            readers.add(RawClient.slow(gateway).chat(Gateway.SEARCH, body));
        }
        AtRest.within(Duration.ofSeconds(20), () -> flood.requests() - requests == READERS);
        long[] last = {0};
        AtRest.every(Duration.ofMillis(200), Duration.ofSeconds(30), () -> {
            long now = AtRest.directMemory() + queued();
            boolean still = now == last[0];
            last[0] = now;
            return still;
        });

        long buffers = (AtRest.directMemory() - before) / READERS;
        long kernel = queued() / READERS;
        long heap = (heap() - heapBefore) / READERS;
        System.out.printf(
                "slow reader, %s: %d KB of buffers, %d KB in the kernel, %d KB of heap%n",
                what, buffers / 1024, kernel / 1024, heap / 1024);
        assertThat(buffers + kernel).as("bytes for each").isLessThan(MOST_BUFFERS);
        assertThat(heap).as("bytes of heap for each").isLessThan(MOST_HEAP);
        for (RawClient reader : readers) {
            reader.close();
            gateway.record();
        }
        AtRest.assertThatHolds(gateway);
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static byte[] chunk(String text) {
        return (Integer.toHexString(text.length()) + "\r\n" + text + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /** Bytes that the kernel holds for the gateway's sockets: to be sent to clients, or not read of the upstream yet. */
    private static long queued() throws IOException {
        String port = ":%04X".formatted(gateway.port());
        String upstream = ":%04X".formatted(flood.baseUrl().getPort());
        long bytes = 0;
        for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] fields = line.trim().split("\\s+");
                if (fields[1].endsWith(port)) {
                    bytes += Long.parseLong(fields[4].split(":")[0], 16);
                } else if (fields[2].endsWith(upstream)) {
                    bytes += Long.parseLong(fields[4].split(":")[1], 16);
                }
            }
        }
        return bytes;
    }
}

package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A client that reads nothing, while its upstream sends as fast as it can, costs the gateway little memory. */
class SlowReaderTests {

    private static final int READERS = 100;
    private static final int MOST = 256 * 1024;

    private static RawUpstream flood;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        String event = "data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(8000) + "\"}}]}\n\n";
        flood = RawUpstream.start().does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            while (true) {
                connection.chunk(event);
            }
        });
        gateway = Gateway.inFrontOf(flood.baseUrl());
    }

    @AfterAll
    static void stop() {
        gateway.close();
        flood.close();
    }

    @Test
    void boundsWhatItHoldsForAClientThatReadsNothing() throws Exception {
        long before = AtRest.directMemory();
        List<RawClient> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            RawClient reader = RawClient.slow(gateway);
            readers.add(reader.chat(Gateway.SEARCH, "{\"model\":\"deepseek-flash\",\"stream\":true}"));
        }
        AtRest.within(Duration.ofSeconds(20), () -> flood.requests() == READERS);
        long[] last = {0};
        AtRest.every(Duration.ofMillis(300), Duration.ofSeconds(30), () -> {
            long now = AtRest.directMemory() + queued();
            boolean still = now == last[0];
            last[0] = now;
            return still;
        });

        long buffers = (AtRest.directMemory() - before) / READERS;
        long kernel = queued() / READERS;
        System.out.printf("slow reader: %d KB of buffers, %d KB in the kernel%n", buffers / 1024, kernel / 1024);
        assertThat(buffers + kernel).as("bytes for each").isLessThan(MOST);
        for (RawClient reader : readers) {
            reader.close();
            gateway.record();
        }
        AtRest.assertThatHolds(gateway);
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

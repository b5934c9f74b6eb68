package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.KeyBenchmark;
import io.deepgate.api.ScannerBenchmark;
import io.deepgate.relay.MeterBenchmark;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** What single steps of a call cost: {@code mvn test -Pspeed}. The bounds leave room for other work on the machine. */
@Tag("speed")
@Timeout(300)
class PathSpeedTests {

    private static final Map<String, Double> MICROS = new TreeMap<>();
    private static final Map<String, Double> BYTES = new TreeMap<>();

    @BeforeAll
    static void measures() throws Exception {
        var options = new OptionsBuilder()
                .include(KeyBenchmark.class.getName())
                .include(ScannerBenchmark.class.getName())
                .include(MeterBenchmark.class.getName())
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.MICROSECONDS)
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(3)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .jvmArgs("-Xmx512m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders")
                .build();
        for (RunResult result : new Runner(options).run()) {
            String size = result.getParams().getParam("size");
            String name = result.getPrimaryResult().getLabel() + (size == null ? "" : " " + size);
            MICROS.put(name, result.getPrimaryResult().getScore());
            BYTES.put(
                    name, result.getSecondaryResults().get("gc.alloc.rate.norm").getScore());
            System.out.printf("speed: %s %.2f µs, %.0f bytes%n", name, MICROS.get(name), BYTES.get(name));
        }
    }

    @Test
    void checksAKeyInTwoMicroseconds() {
        assertThat(MICROS.get("check")).isLessThan(2);
    }

    @Test
    void readsARequestOfAKilobyteInTenMicroseconds() {
        assertThat(MICROS.get("scan 1000")).isLessThan(10);
    }

    @Test
    void allocatesNothingInProportionToAPrompt() {
        assertThat(BYTES.get("scan 1000000")).isLessThan(BYTES.get("scan 1000") + 64 * 1024);
    }

    @Test
    void metersAnEventInTwoMicroseconds() {
        assertThat(MICROS.get("event")).isLessThan(2);
        assertThat(BYTES.get("event")).isLessThan(256);
    }

    @Test
    void metersADocumentInTenMicroseconds() {
        assertThat(MICROS.get("document")).isLessThan(10);
    }
}

package io.deepgate.usage;

import io.deepgate.usage.UsageProperties.JournalFull;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** What accounting costs the thread that ends a call; its median is processor time, as nothing in it waits. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class JournalBenchmark {

    private static final int SEGMENT = 8 << 20;

    private final List<CallRecord> calls = Records.many(1000);
    private Path directory;
    private Journal journal;
    private UsageRecorder recorder;
    private int next;

    /** In a directory of its own. */
    @Setup
    public void begin() throws IOException {
        directory = Files.createTempDirectory("journal");
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        journal = new Journal(
                new UsageProperties(
                        directory.toString(), DataSize.ofTerabytes(1), JournalFull.ADMIT, Duration.ofDays(90)),
                SEGMENT,
                registry);
        recorder = new UsageRecorder(List.of(new UsageMeters(registry, null)), journal);
    }

    /** As a shipper does with what is shipped. */
    @TearDown(Level.Iteration)
    public void tidy() throws IOException {
        for (long segment : journal.directory().segments()) {
            if (segment < journal.writer().segment()) {
                Files.delete(journal.directory().segment(segment));
            }
        }
    }

    @TearDown
    public void end() throws IOException {
        journal.close();
        FileSystemUtils.deleteRecursively(directory);
    }

    @Benchmark
    public void appends() {
        journal.add(calls.get(next++ % 1000));
    }

    /** With meters; the log line is another thread's work. */
    @Benchmark
    public void records() {
        recorder.record(calls.get(next++ % 1000));
    }
}

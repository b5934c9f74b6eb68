package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import io.deepgate.AtRest;
import io.deepgate.RedisServer;
import io.deepgate.access.Tenant;
import io.deepgate.admission.AdmissionProperties.Redis.Unavailable;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import reactor.core.publisher.Mono;

/** What admission costs: {@code mvn test -Pspeed}. Medians, since other work on the machine makes single ones worse. */
@Tag("speed")
@Timeout(300)
class AdmissionSpeedTests {

    private static final double MOST_MICROS_IN_MEMORY = 3;
    private static final double MOST_MICROS_OF_PROCESSOR_WITH_REDIS = 60;
    private static final double MOST_MICROS_OF_WAITING_FOR_REDIS = 1000;

    private static final int ROUNDS = 7;
    private static final long MOST_MILLIS_OF_COMPILING = 20;
    private static final Duration LONGEST_WARMING = Duration.ofMinutes(1);
    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();
    private static final int CALLS_A_ROUND = 20_000;
    private static final int TENANTS = 100;
    private static final List<Tenant> ALL =
            IntStream.range(0, TENANTS).mapToObj(AdmissionBenchmark::tenant).toList();
    private static final Used USED = new Used(480, 90, true, 300_000L);

    @RegisterExtension
    private static final RedisServer REDIS = new RedisServer();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    /** Admits a call on its thread and gives what settles it; or does neither, to know what calling costs by itself. */
    private interface Admission {

        Mono<Runnable> admit(Tenant tenant, EventLoop loop);
    }

    /** Calls again when it is admitted, each of another tenant. */
    private static final class Caller {

        private final CountDownLatch done = new CountDownLatch(1);
        private final List<Long> waits = new ArrayList<>();
        private final EventLoop loop;
        private final Admission admission;
        private int left;

        Caller(EventLoop loop, Admission admission, int calls) {
            this.loop = loop;
            this.admission = admission;
            this.left = calls;
        }

        void call() {
            long start = System.nanoTime();
            admission.admit(ALL.get(left % TENANTS), loop).subscribe(settle -> {
                waits.add(System.nanoTime() - start);
                settle.run();
                if (--left > 0) {
                    loop.execute(this::call);
                } else {
                    done.countDown();
                }
            });
        }
    }

    /** What a call cost in the median round. */
    private record Cost(double processorMicros, double waitMicros) {}

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void takesMicrosecondsInMemory(int threads) throws Exception {
        var options = new OptionsBuilder()
                .include(AdmissionBenchmark.class.getName())
                .threads(threads)
                .shouldFailOnError(true)
                .jvmArgs("-Xmx512m")
                .build();
        for (RunResult result : new Runner(options).run()) {
            var micros = result.getPrimaryResult().getStatistics();
            System.out.printf(
                    "speed: admission in memory, %s tenants, %d threads: %.2f µs a call (median), %.2f (99 of 100)%n",
                    result.getParams().getParam("tenants"),
                    threads,
                    micros.getPercentile(50),
                    micros.getPercentile(99));
            assertThat(micros.getPercentile(50)).isLessThan(MOST_MICROS_IN_MEMORY);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void takesLittleOfTheProcessorAndLittleTimeWithRedis(int atOnce) throws Exception {
        try (RedisForm form =
                new RedisForm(REDIS.port(), Duration.ofSeconds(15), Unavailable.SHARE, Clocks.SYSTEM, registry)) {
            Cost nothing = median(atOnce, form, (tenant, loop) -> Mono.just(() -> {}));
            Cost redis = median(atOnce, form, (tenant, loop) -> {
                Reservation call = form.limiter.open(tenant);
                return call.claim(500, 100, loop).thenReturn(() -> call.settle(USED));
            });
            double processor = redis.processorMicros - nothing.processorMicros;
            System.out.printf(
                    "speed: admission with Redis, %d at once: %.1f µs of the processor a call (median), %.0f µs of waiting%n",
                    atOnce, processor, redis.waitMicros);
            if (atOnce > 1) {
                // One alone shares no system call with others, and those cost half as much again on a slow machine.
                assertThat(processor).isLessThan(MOST_MICROS_OF_PROCESSOR_WITH_REDIS);
            }
            assertThat(redis.waitMicros).isLessThan(MOST_MICROS_OF_WAITING_FOR_REDIS);
        }
    }

    private Cost median(int atOnce, RedisForm form, Admission admission) throws Exception {
        double undecided;
        long compiling;
        long start = System.nanoTime();
        do {
            // The first calls take longer than one may wait for Redis, and the compiler works beside them for long.
            AtRest.within(Duration.ofSeconds(10), form.state::isUsable);
            undecided = undecided();
            compiling = COMPILER.getTotalCompilationTime();
            round(atOnce, form, admission);
        } while (undecided() > undecided
                || COMPILER.getTotalCompilationTime() - compiling > MOST_MILLIS_OF_COMPILING
                        && System.nanoTime() - start < LONGEST_WARMING.toNanos());
        List<Double> processor = new ArrayList<>();
        List<Double> waits = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            Cost cost = round(atOnce, form, admission);
            processor.add(cost.processorMicros);
            waits.add(cost.waitMicros);
        }
        assertThat(undecided() - undecided)
                .as("calls that Redis did not decide")
                .isLessThan(CALLS_A_ROUND / 100);
        Collections.sort(processor);
        Collections.sort(waits);
        return new Cost(processor.get(ROUNDS / 2), waits.get(ROUNDS / 2));
    }

    private double undecided() {
        return registry.get("gateway.admission.undecided").counter().count();
    }

    private static Cost round(int atOnce, RedisForm form, Admission admission) throws InterruptedException {
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        List<Caller> callers = new ArrayList<>();
        long before = process.getProcessCpuTime();
        for (int i = 0; i < atOnce; i++) {
            Caller one = new Caller(form.loop(), admission, CALLS_A_ROUND / atOnce);
            callers.add(one);
            one.loop.execute(one::call);
        }
        for (Caller one : callers) {
            assertThat(one.done.await(60, TimeUnit.SECONDS)).isTrue();
        }
        double processor = (process.getProcessCpuTime() - before) / 1000.0 / CALLS_A_ROUND;
        List<Long> waits =
                callers.stream().flatMap(one -> one.waits.stream()).sorted().toList();
        return new Cost(processor, waits.get(waits.size() / 2) / 1000.0);
    }
}

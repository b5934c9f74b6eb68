package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class when a buffer was leaked before its end; Netty must have been started with {@link Detector}. */
public final class Leaks implements AfterAllCallback {

    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();
    private static final String ON_PURPOSE = "leaked on purpose ";

    /** Tells {@link Leaks} instead of the log; {@code -Dio.netty.customResourceLeakDetector} names it. */
    public static final class Detector<T> extends ResourceLeakDetector<T> {

        public Detector(Class<?> resourceType, int samplingInterval) {
            super(resourceType, samplingInterval);
        }

        public Detector(Class<?> resourceType, int samplingInterval, long maxActive) {
            super(resourceType, samplingInterval);
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            REPORTS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            REPORTS.add(resourceType);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(found()).as("leaked buffers").isEmpty();
    }

    /**
     * What was leaked until now, in Netty's words, once. Netty tells of a buffer when the garbage collector has found it,
     * so this leaks one more and waits for the news of it, by which that of all others has come.
     */
    static List<String> found() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
        String last = ON_PURPOSE + UUID.randomUUID();
        leak(last);
        Awaitility.await()
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(20))
                .until(() -> isReported(last));
        List<String> found =
                REPORTS.stream().filter(report -> !report.contains(ON_PURPOSE)).toList();
        REPORTS.clear();
        return found;
    }

    private static void leak(String hint) {
        PooledByteBufAllocator.DEFAULT.directBuffer(16).touch(hint);
    }

    private static boolean isReported(String leak) {
        System.gc();
        // The detector looks for news when a buffer is made.
        PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        return REPORTS.stream().anyMatch(report -> report.contains(leak));
    }
}

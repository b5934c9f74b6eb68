package io.deepgate.usage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One log line per call, written by a thread of its own behind a bounded queue: a slow console never slows a call. Lines
 * that find the queue full are counted and lost; meters and records are not.
 */
final class CallLog implements RecordSink {

    static final String NAME = CallLog.class.getName();
    private static final ThreadLocal<Boolean> FOLLOWED = ThreadLocal.withInitial(() -> false);

    private static final Logger log = LoggerFactory.getLogger(CallLog.class);
    private static final int CAPACITY = 20_000;
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final BlockingQueue<CallRecord> queue = new LinkedBlockingQueue<>(CAPACITY);
    private final Counter dropped;
    private final Thread writer;
    private volatile boolean closed;

    CallLog(MeterRegistry registry) {
        dropped = Counter.builder("gateway.usage.log.dropped")
                .description("Log lines of calls that were lost because the log was too slow")
                .register(registry);
        writer = Thread.ofPlatform().daemon().name("call-log").start(this::write);
    }

    @Override
    public void add(CallRecord call) {
        if (!queue.offer(call)) {
            dropped.increment();
        }
    }

    private void write() {
        try {
            while (!closed) {
                write(queue.take());
                // Calls that end meanwhile wake nobody.
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            // Closing: what is left is written by close.
        }
    }

    private void write(@Nullable CallRecord first) {
        for (CallRecord call = first; call != null; call = queue.poll()) {
            FOLLOWED.set(!queue.isEmpty());
            line(call);
        }
    }

    /** Whether this thread, which logs the line of a call, logs another right after it. */
    static boolean isFollowed() {
        return FOLLOWED.get();
    }

    private static void line(CallRecord call) {
        // Names that begin alike stand beside each other: see EcsLines.
        LoggingEventBuilder line = log.atInfo()
                .addKeyValue("http.request.id", call.requestId())
                .addKeyValue("http.response.status_code", call.status())
                .addKeyValue("tenant", call.tenant())
                .addKeyValue("key_id", call.keyId())
                .addKeyValue("gen_ai.operation.name", call.operation())
                .addKeyValue("gen_ai.request.model", call.slug())
                .addKeyValue("gen_ai.response.model", call.responseModel())
                .addKeyValue("alias", call.alias())
                .addKeyValue("upstream", call.upstream())
                .addKeyValue("attempts", call.attempts())
                .addKeyValue("stream", call.stream())
                .addKeyValue("outcome", call.outcome())
                .addKeyValue("error.code", call.errorCode())
                .addKeyValue("tokens.input_cached", call.tokens().inputCached())
                .addKeyValue("tokens.input_uncached", call.tokens().inputUncached())
                .addKeyValue("tokens.output", call.tokens().output())
                .addKeyValue("tokens.reasoning", call.tokens().reasoning())
                .addKeyValue("tokens.estimated", call.tokens().estimated())
                .addKeyValue("duration_ms", call.duration().toMillis());
        String trace = CallTrace.id(call.trace());
        if (trace != null) {
            line = line.addKeyValue("trace.id", trace);
        }
        if (call.variant() != null) {
            line = line.addKeyValue("variant", call.variant().label()).addKeyValue("failed_over", call.failedOver());
        }
        if (call.cost() != null) {
            line = line.addKeyValue("cost_usd", BigDecimal.valueOf(call.cost(), 9));
        }
        if (call.timeToFirstToken() != null) {
            line = line.addKeyValue(
                    "time_to_first_token_ms", call.timeToFirstToken().toMillis());
        }
        line.log(
                "{} {} {} {} {} tokens, {} ms",
                call.tenant(),
                call.alias(),
                call.outcome(),
                call.status(),
                call.tokens().total(),
                call.duration().toMillis());
    }

    /** Writes what is left. */
    void close() throws InterruptedException {
        closed = true;
        writer.interrupt();
        writer.join();
        write(queue.poll());
    }
}

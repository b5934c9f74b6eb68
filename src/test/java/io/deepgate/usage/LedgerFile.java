package io.deepgate.usage;

import io.deepgate.relay.TokenUsage;
import io.opentelemetry.api.trace.SpanContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A ledger in a file, open as a gateway has it. */
public final class LedgerFile implements AutoCloseable {

    private final Ledgers ledgers;

    private LedgerFile(Ledgers ledgers) {
        this.ledgers = ledgers;
    }

    public static LedgerFile in(Path directory) {
        return new LedgerFile(
                new Ledgers("jdbc:h2:file:" + directory.resolve("ledger") + Ledgers.H2_OPTIONS + ";AUTO_SERVER=TRUE"));
    }

    /** Adds a call. */
    public void add(String tenant, String start, long cached, long uncached, long output, @Nullable Long nanos) {
        CallRecord call = new CallRecord(
                UUID.randomUUID().toString(),
                tenant,
                "k1",
                "chat",
                "fast",
                "deepseek-flash",
                "deepseek",
                1,
                "deepseek-flash",
                false,
                Outcome.COMPLETED,
                200,
                null,
                new TokenUsage(cached, uncached, output, 0, false),
                nanos,
                Instant.parse(start),
                Duration.ofMillis(1),
                null,
                Duration.ofMillis(1),
                null,
                false,
                null,
                0,
                SpanContext.getInvalid());
        ledgers.ledger.add(List.of(call));
    }

    @Override
    public void close() {
        ledgers.close();
    }
}

package io.deepgate.admission;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What this process takes on at once, of all tenants; what comes beyond is refused before its body is read.
 *
 * @param calls calls in flight, at least 1
 * @param bodies bytes of request bodies held in memory, at least 1 MB; left out, a quarter of the largest heap, which is
 *     also what the JVM allows outside of it
 * @param lateness how long calls may wait for their event loop before those behind them are refused; 0 never refuses
 */
@ConfigurationProperties("gateway.admission.capacity")
public record Capacity(
        @DefaultValue("10000") int calls,
        @Nullable DataSize bodies,
        @DefaultValue("500ms") Duration lateness) {

    public Capacity {
        bodies = bodies == null ? DataSize.ofBytes(Runtime.getRuntime().maxMemory() / 4) : bodies;
        if (calls < 1) {
            throw new IllegalArgumentException("gateway.admission.capacity.calls is " + calls + ": write 1 or more");
        }
        if (bodies.toMegabytes() < 1) {
            throw new IllegalArgumentException(
                    "gateway.admission.capacity.bodies is " + bodies + ": write 1MB or more");
        }
        if (lateness.isNegative()) {
            throw new IllegalArgumentException(
                    "gateway.admission.capacity.lateness is " + lateness + ": write 0s or more");
        }
    }

    long bodyBytes() {
        return bodies == null ? 0 : bodies.toBytes();
    }
}

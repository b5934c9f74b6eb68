package io.deepgate.watch;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the gateway is watched over.
 *
 * @param drainTimeout how long the process waits at its end for the calls in flight before it cuts them; shorter, by a few
 *     seconds, than whoever ends it waits before it kills
 */
@ConfigurationProperties("gateway.watch")
public record WatchProperties(@DefaultValue("25s") Duration drainTimeout) {

    public WatchProperties {
        if (drainTimeout.isNegative()) {
            throw new IllegalArgumentException("gateway.watch.drain-timeout is " + drainTimeout + ": write 0s or more");
        }
    }
}

package io.deepgate.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What requests may look like.
 *
 * @param maxRequestSize the largest body taken, 1 KB to 512 MB; DeepSeek takes 48 MiB
 * @param requestTimeout how long a client may take to send its body, at least 1 s
 * @param contact whom refused callers are told to ask, such as an address or a channel; null for nobody
 */
@ConfigurationProperties("gateway.api")
public record ApiProperties(
        @DefaultValue("48MB") DataSize maxRequestSize,
        @DefaultValue("60s") Duration requestTimeout,
        @Nullable String contact) {

    public ApiProperties {
        contact = contact == null || contact.isBlank() ? null : contact.strip();
        if (maxRequestSize.toBytes() < 1024 || maxRequestSize.toMegabytes() > 512) {
            throw new IllegalArgumentException(
                    "gateway.api.max-request-size is " + maxRequestSize + ": write 1KB to 512MB");
        }
        if (requestTimeout.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException(
                    "gateway.api.request-timeout is " + requestTimeout + ": write 1s or more");
        }
    }
}

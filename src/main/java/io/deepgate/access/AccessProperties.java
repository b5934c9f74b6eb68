package io.deepgate.access;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.Resource;

/**
 * Who may call.
 *
 * @param tenantsFile the file with the tenants and the digests of their keys
 * @param reload how often the tenants file is compared with what was read, at least 100 ms
 */
@ConfigurationProperties("gateway.access")
public record AccessProperties(
        @DefaultValue("file:config/tenants.yaml") Resource tenantsFile,
        @DefaultValue("1s") Duration reload) {

    public AccessProperties {
        if (reload.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("gateway.access.reload is " + reload + ": write 100ms or more");
        }
    }
}

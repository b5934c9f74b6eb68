package io.deepgate.access;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may call.
 *
 * @param tenantsFile the file with the tenants and the digests of their keys
 * @param reload how often the tenants file is compared with what was read, at least 100 ms
 * @param local a tenant for trying things out, or null for none
 */
@ConfigurationProperties("gateway.access")
public record AccessProperties(
        @DefaultValue("config/tenants.yaml") Path tenantsFile,
        @DefaultValue("1s") Duration reload,
        @Nullable Local local) {

    public AccessProperties {
        if (reload.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("gateway.access.reload is " + reload + ": write 100ms or more");
        }
    }

    /**
     * A tenant beside those of the tenants file, whose key is printed when the gateway starts. Not for production.
     *
     * @param tenant its id
     * @param key its key; left out, one is made for this run
     */
    public record Local(String tenant, @Nullable String key) {}
}

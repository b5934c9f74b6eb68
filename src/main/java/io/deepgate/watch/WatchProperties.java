package io.deepgate.watch;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the gateway is watched over.
 *
 * @param drainTimeout how long the process waits at its end for the calls in flight before it cuts them; shorter, by a few
 *     seconds, than whoever ends it waits before it kills
 * @param users who may see the console and all of the management port but health and metrics: a name, and a password as
 *     Spring Security encodes it, such as {@code {bcrypt}$2a$…}; if there are none, nor an OpenID
 *     provider, whoever asks from this machine
 */
@ConfigurationProperties("gateway.watch")
public record WatchProperties(
        @DefaultValue("25s") Duration drainTimeout,
        @DefaultValue Map<String, String> users) {

    public WatchProperties {
        users.forEach((name, password) -> {
            if (!password.startsWith("{") || password.startsWith("{noop}")) {
                throw new IllegalArgumentException(
                        "gateway.watch.users." + name + " is no hash: write {bcrypt} and what 'htpasswd -nBC 10 " + name
                                + "' prints behind the colon");
            }
        });
        if (drainTimeout.isNegative()) {
            throw new IllegalArgumentException("gateway.watch.drain-timeout is " + drainTimeout + ": write 0s or more");
        }
    }
}

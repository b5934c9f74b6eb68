package io.deepgate.watch;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
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
 * @param operators which users of an OpenID provider may: those with one of these values in one of these claims, of which
 *     {@code email} counts only where the provider has verified it; all, if there are none
 */
@ConfigurationProperties("gateway.watch")
public record WatchProperties(
        @DefaultValue("25s") Duration drainTimeout,
        @DefaultValue Map<String, String> users,
        @DefaultValue Map<String, List<String>> operators) {

    private static final Pattern HASH =
            Pattern.compile("\\{(bcrypt}\\$2[aby]?\\$\\d\\d\\$[./A-Za-z0-9]{53}|(pbkdf2|scrypt|argon2)[^}]*}.+)");

    public WatchProperties {
        users.forEach((name, password) -> {
            if (!HASH.matcher(password).matches()) {
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

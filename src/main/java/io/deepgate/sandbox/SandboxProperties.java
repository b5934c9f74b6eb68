package io.deepgate.sandbox;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the look-alike behaves where a message does not say otherwise.
 *
 * @param port on 127.0.0.1; 0 takes any that is free
 * @param firstTokenDelay from the request to the first token
 * @param tokensPerSecond 1 to 100000
 * @param keepAlive between two signs of life while there is nothing to say
 * @param apiKey a key that is accepted, for whoever needs one; every other that begins with {@code sk-} is, too
 */
@ConfigurationProperties("gateway.sandbox")
public record SandboxProperties(
        @DefaultValue("8082") int port,
        @DefaultValue("300ms") Duration firstTokenDelay,
        @DefaultValue("60") int tokensPerSecond,
        @DefaultValue("1s") Duration keepAlive,
        @DefaultValue("sk-sandbox") String apiKey) {

    public SandboxProperties {
        check(port >= 0 && port <= 65_535, "port must be 0..65535, is " + port);
        check(!firstTokenDelay.isNegative(), "first-token-delay must not be negative, is " + firstTokenDelay);
        check(
                tokensPerSecond >= 1 && tokensPerSecond <= 100_000,
                "tokens-per-second must be 1..100000, is " + tokensPerSecond);
        check(keepAlive.isPositive(), "keep-alive must be longer than nothing, is " + keepAlive);
        check(apiKey.startsWith("sk-"), "api-key must begin with sk-");
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException("gateway.sandbox." + message);
        }
    }
}

package io.deepgate.forward;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How upstreams are connected to. Circuit breakers are configured under {@code resilience4j.circuitbreaker}: the
 * configuration {@code default} for an upstream's slug, {@code tenant} for one tenant's calls to it.
 *
 * @param maxConnections connections per upstream and event loop, at least 1; HTTP/1.1 takes one for each open call
 * @param maxIdle how long an unused connection is kept, at least 1 s; shorter than the upstream keeps it
 * @param retries when a call is tried again
 * @param queue for calls that an upstream's slug has no place for
 * @param probeInterval how long a concurrency limit that has fallen stands before it rises, at least 10 ms
 * @param keyRest how long a key that was refused is not used while there is another, at least 1 s
 */
@ConfigurationProperties("gateway.forward")
public record ForwardProperties(
        @DefaultValue("3000") int maxConnections,
        @DefaultValue("30s") Duration maxIdle,
        @DefaultValue Retries retries,
        @DefaultValue Queue queue,
        @DefaultValue("10s") Duration probeInterval,
        @DefaultValue("1m") Duration keyRest) {

    public ForwardProperties {
        atLeast(1, "max-connections", maxConnections);
        if (maxIdle.toSeconds() < 1) {
            throw new IllegalArgumentException("gateway.forward.max-idle is " + maxIdle + ": write 1s or more");
        }
        if (probeInterval.toMillis() < 10) {
            throw new IllegalArgumentException(
                    "gateway.forward.probe-interval is " + probeInterval + ": write 10ms or more");
        }
        if (keyRest.toSeconds() < 1) {
            throw new IllegalArgumentException("gateway.forward.key-rest is " + keyRest + ": write 1s or more");
        }
    }

    private static void atLeast(int least, String key, int value) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "gateway.forward." + key + " is " + value + ": write " + least + " or more");
        }
    }

    /**
     * Retries at the same upstream, before the first content; failovers to another are not counted here.
     *
     * @param most for one call, 0 for none; each retry that an SDK says it makes is one less
     * @param backoff the first pause, at least 1 ms; doubled each time, half of it up or down at random
     * @param longest pause, and the longest {@code retry-after} that is waited for
     * @param budget the share of an upstream's calls of the last minute that may be retries, 0 to 1
     * @param leastPerMinute retries per upstream and minute that the budget always allows
     */
    public record Retries(
            @DefaultValue("2") int most,
            @DefaultValue("200ms") Duration backoff,
            @DefaultValue("2s") Duration longest,
            @DefaultValue("0.1") double budget,
            @DefaultValue("3") int leastPerMinute) {

        public Retries {
            atLeast(0, "retries.most", most);
            atLeast(0, "retries.least-per-minute", leastPerMinute);
            if (backoff.toMillis() < 1 || longest.compareTo(backoff) < 0) {
                throw new IllegalArgumentException("gateway.forward.retries.backoff is " + backoff
                        + " and gateway.forward.retries.longest " + longest
                        + ": write 1ms or more; the longest not shorter");
            }
            if (!(budget >= 0 && budget <= 1)) {
                throw new IllegalArgumentException("gateway.forward.retries.budget is " + budget + ": write 0 to 1");
            }
        }
    }

    /**
     * Calls that wait, per upstream and slug.
     *
     * @param length how many wait at most, 0 for none
     * @param timeout how long one waits at most, at least 1 ms
     */
    public record Queue(
            @DefaultValue("1000") int length,
            @DefaultValue("10s") Duration timeout) {

        public Queue {
            atLeast(0, "queue.length", length);
            if (timeout.toMillis() < 1) {
                throw new IllegalArgumentException(
                        "gateway.forward.queue.timeout is " + timeout + ": write 1ms or more");
            }
        }
    }
}

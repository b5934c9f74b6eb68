package io.deepgate.shadow;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What shadow calls of all aliases together may take of this process.
 *
 * @param concurrency calls in flight, 1 to 100
 * @param queue calls that wait for that, 0 to 10000; what comes beyond is dropped
 * @param bodies bytes of requests and answers held in memory, at least 1 MB
 * @param answer bytes of one answer that are looked at; of a longer one only what meters say is known
 * @param pairs where pairs of answers are kept, of the tenants that allow it
 */
@ConfigurationProperties("gateway.shadow")
public record ShadowProperties(
        @DefaultValue("4") int concurrency,
        @DefaultValue("100") int queue,
        @DefaultValue("32MB") DataSize bodies,
        @DefaultValue("1MB") DataSize answer,
        @DefaultValue Pairs pairs) {

    public ShadowProperties {
        check("concurrency", concurrency, 1, 100);
        check("queue", queue, 0, 10_000);
        if (bodies.toMegabytes() < 1) {
            throw new IllegalArgumentException("gateway.shadow.bodies is " + bodies + ": write 1MB or more");
        }
        if (answer.toBytes() < 1 || answer.compareTo(bodies) > 0) {
            throw new IllegalArgumentException(
                    "gateway.shadow.answer is " + answer + ": write 1B to gateway.shadow.bodies, " + bodies);
        }
    }

    /**
     * Pairs of answers with what was asked.
     *
     * @param key 256 bits in Base64, which seal them; without one none are kept
     * @param keep how long, 1 h to 90 days
     */
    public record Pairs(
            @DefaultValue("") String key,
            @DefaultValue("7d") Duration keep,
            @DefaultValue("./data/pairs") Path directory) {

        private static final int KEY_BYTES = 32;

        public Pairs {
            if (!key.isBlank() && bytes(key).length != KEY_BYTES) {
                throw new IllegalArgumentException(
                        "gateway.shadow.pairs.key: write 32 bytes in Base64, as openssl rand -base64 32 prints them");
            }
            if (keep.compareTo(Duration.ofHours(1)) < 0 || keep.compareTo(Duration.ofDays(90)) > 0) {
                throw new IllegalArgumentException("gateway.shadow.pairs.keep is " + keep + ": write 1h to 90d");
            }
        }

        private static byte[] bytes(String key) {
            try {
                return Base64.getDecoder().decode(key.strip());
            } catch (IllegalArgumentException e) {
                return new byte[0];
            }
        }

        /** Where they are; null without a key. */
        public @Nullable PairStore store(InstantSource clock) {
            return key.isBlank() ? null : new PairStore(directory, bytes(key), keep, clock);
        }

        @Override
        public String toString() {
            return "Pairs[" + directory + "]";
        }
    }

    private static void check(String name, int number, int least, int most) {
        if (number < least || number > most) {
            throw new IllegalArgumentException(
                    "gateway.shadow." + name + " is " + number + ": write " + least + " to " + most);
        }
    }
}

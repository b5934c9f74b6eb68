package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.deepgate.catalog.UpstreamKey;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of our keys upstreams take. A key that is refused, or whose account is empty, rests for a while; operators, who alone
 * can mend it, are told once.
 */
public final class Keyring {

    private static final Logger log = LoggerFactory.getLogger(Keyring.class);

    private static final int NO_BALANCE = 402;
    private static final int FORBIDDEN = 403;

    private record Held(String upstream, UpstreamKey key) {}

    private record Trouble(int status, long until) {}

    private final Supplier<Collection<Upstream>> upstreams;
    private final MeterRegistry registry;
    private final Duration rest;
    private final LongSupplier nanoClock;
    private final Map<Held, Trouble> troubles = new ConcurrentHashMap<>();

    /**
     * @param upstreams those there are now; the catalog may change while the gateway runs
     * @param nanoClock a monotonic clock, nanoseconds
     */
    Keyring(Supplier<Collection<Upstream>> upstreams, Duration rest, LongSupplier nanoClock, MeterRegistry registry) {
        this.upstreams = upstreams;
        this.registry = registry;
        this.rest = rest;
        this.nanoClock = nanoClock;
        upstreams.get().forEach(upstream -> gauge(upstream.name()));
    }

    private void gauge(String upstream) {
        Gauge.builder("gateway.forward.keys.resting", this, ring -> ring.restingAt(upstream))
                .description("Keys that the upstream refused lately")
                .tag("upstream", upstream)
                .register(registry);
    }

    private long restingAt(String name) {
        return upstreams.get().stream()
                .filter(upstream -> upstream.name().equals(name))
                .mapToLong(this::resting)
                .sum();
    }

    /** The preferred key of those that do not rest, or null if all do. */
    @Nullable
    UpstreamKey usable(Upstream upstream) {
        List<UpstreamKey> keys = upstream.keys().current();
        if (troubles.isEmpty()) {
            return keys.getFirst();
        }
        for (UpstreamKey key : keys) {
            if (!rests(upstream, key)) {
                return key;
            }
        }
        return null;
    }

    /** The preferred key of those that do not rest, else the preferred: it may be taken again by now. */
    UpstreamKey any(Upstream upstream) {
        UpstreamKey usable = usable(upstream);
        return usable == null ? upstream.keys().current().getFirst() : usable;
    }

    private boolean rests(Upstream upstream, UpstreamKey key) {
        Trouble trouble = troubles.get(new Held(upstream.name(), key));
        return trouble != null && trouble.until - nanoClock.getAsLong() > 0;
    }

    private long resting(Upstream upstream) {
        return upstream.keys().current().stream()
                .filter(key -> rests(upstream, key))
                .count();
    }

    /** An attempt with {@code key} was answered. */
    void taken(Upstream upstream, UpstreamKey key) {
        if (!troubles.isEmpty() && troubles.remove(new Held(upstream.name(), key)) != null) {
            log.info("The upstream '{}' takes calls again{}", upstream.name(), which(upstream, key));
        }
    }

    /**
     * An attempt with {@code key} was refused for it.
     *
     * @param status 401 or 402, or 403 where the key is good, but not for this call; then it does not rest
     */
    void refused(Upstream upstream, UpstreamKey key, int status) {
        long until = nanoClock.getAsLong() + (status == FORBIDDEN ? 0 : rest.toNanos());
        Trouble before = troubles.put(new Held(upstream.name(), key), new Trouble(status, until));
        if (before == null || before.status != status) {
            gauge(upstream.name());
            log.error("The upstream '{}' {}{}", upstream.name(), words(status), which(upstream, key));
        }
    }

    private static String words(int status) {
        return status == NO_BALANCE ? "says that the gateway's account is empty" : "refuses the gateway's key";
    }

    /** Keys have no names that may be shown, but places. */
    private static String which(Upstream upstream, UpstreamKey key) {
        List<UpstreamKey> keys = upstream.keys().current();
        return keys.size() == 1 ? "" : " (" + (keys.indexOf(key) + 1) + " of " + keys.size() + ")";
    }

    /** Upstreams with keys that rest, and how many of how many. */
    public Map<String, String> resting() {
        Map<String, String> resting = new TreeMap<>();
        for (Upstream upstream : upstreams.get()) {
            long count = resting(upstream);
            if (count > 0) {
                resting.put(
                        upstream.name(),
                        count + " of " + upstream.keys().current().size());
            }
        }
        return resting;
    }
}

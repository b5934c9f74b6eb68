package io.deepgate.catalog;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Upstreams that no test calls. */
public final class Nowhere {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private Nowhere() {}

    /** One with these keys. */
    public static Upstream named(String name, String... keys) {
        return upstream(name, List.of(keys), SECOND, SECOND, SECOND);
    }

    /** One that is waited for so long, called {@code deepseek}. */
    public static Upstream waitedFor(Duration firstContent, Duration idle, Duration total) {
        return upstream("deepseek", List.of("sk-0123456789"), firstContent, idle, total);
    }

    private static Upstream upstream(
            String name, List<String> keys, Duration firstContent, Duration idle, Duration total) {
        return new Upstream(
                name,
                URI.create("http://127.0.0.1:1"),
                new UpstreamKeys(name, keys, null),
                Map.of(),
                SECOND,
                firstContent,
                idle,
                total,
                false,
                false,
                Set.of());
    }
}

package io.deepgate.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** What libraries refuse only when they are started, and in words that name no property. */
final class LibraryRules {

    private static final String SHARE = "management.tracing.sampling.probability";
    private static final String WEB = "spring.main.web-application-type";

    /** Properties of Netty's server, with the least that each may be, bytes. */
    private static final Map<String, Long> LEAST = Map.of(
            "server.netty.h2c-max-content-length", 0L,
            "server.netty.initial-buffer-size", 1L,
            "server.netty.max-initial-line-length", 1L);

    private static final String KEEP_ALIVE = "server.netty.max-keep-alive-requests";

    private LibraryRules() {}

    /** A sentence about each property that is wrong. */
    static List<String> mistakes(Environment environment) {
        List<String> all = new ArrayList<>();
        Double share = environment.getProperty(SHARE, Double.class);
        if (share != null && !(share >= 0 && share <= 1)) {
            all.add(SHARE + " is " + share + ": write 0 to 1");
        }
        if (!environment.getProperty(WEB, "reactive").equalsIgnoreCase("reactive")) {
            all.add(WEB + " is not reactive, which the gateway is: leave it out");
        }
        netty(environment, all);
        breakers(environment, all);
        return all;
    }

    private static void netty(Environment environment, List<String> all) {
        new TreeMap<>(LEAST).forEach((property, least) -> {
            DataSize size = environment.getProperty(property, DataSize.class);
            if (size != null && size.toBytes() < least) {
                all.add(property + " is " + size + ": write " + least + "B or more");
            }
        });
        Integer requests = environment.getProperty(KEEP_ALIVE, Integer.class);
        if (requests != null && requests < 1 && requests != -1) {
            all.add(KEEP_ALIVE + " is " + requests + ": write 1 or more, or -1 for any number");
        }
    }

    private static void breakers(Environment environment, List<String> all) {
        Set<String> configs =
                new TreeSet<>(IdleRules.breakers("configs", environment).keySet());
        for (String kind : List.of("configs", "instances")) {
            IdleRules.breakers(kind, environment).forEach((name, breaker) -> {
                String base = base(breaker);
                if (!base.isEmpty() && !configs.contains(base)) {
                    all.add(IdleRules.BREAKERS + kind + "." + name + ".base-config is '" + base + "', which is none of "
                            + IdleRules.BREAKERS + "configs: write one of " + configs);
                }
            });
        }
    }

    /** The configuration that a breaker's begins from; empty where none is named. */
    static String base(Map<String, String> breaker) {
        return Objects.requireNonNullElse(breaker.getOrDefault("base-config", breaker.get("baseConfig")), "");
    }
}

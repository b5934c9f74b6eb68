package io.deepgate.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where the calls of an alias may go: by priority, and within one priority in an order drawn by weight. */
final class Alias {

    /** @param weight its share of the calls among the routes of its priority; 0 for none */
    record Weighted(Route route, int priority, int weight) {}

    private final List<Route> all;
    private final List<List<Weighted>> groups;
    private final @Nullable List<Route> always;

    /** @param routes at least one with a weight */
    Alias(List<Weighted> routes) {
        all = routes.stream().map(Weighted::route).toList();
        var byPriority = new TreeMap<Integer, List<Weighted>>();
        for (Weighted one : routes) {
            if (one.weight > 0) {
                byPriority
                        .computeIfAbsent(one.priority, priority -> new ArrayList<>())
                        .add(one);
            }
        }
        groups = List.copyOf(byPriority.values());
        always = groups.stream().allMatch(group -> group.size() == 1)
                ? groups.stream().map(group -> group.getFirst().route).toList()
                : null;
    }

    static Alias of(Route route) {
        return new Alias(List.of(new Weighted(route, 0, 1)));
    }

    /** Every route, those without weight as well. */
    List<Route> all() {
        return all;
    }

    /** The routes for one call, the preferred first. */
    List<Route> drawn(RandomGenerator random) {
        if (always != null) {
            return always;
        }
        List<Route> drawn = new ArrayList<>(all.size());
        for (List<Weighted> group : groups) {
            draw(new ArrayList<>(group), random, drawn);
        }
        return drawn;
    }

    private static void draw(List<Weighted> left, RandomGenerator random, List<Route> drawn) {
        while (!left.isEmpty()) {
            int ticket = random.nextInt(left.stream().mapToInt(Weighted::weight).sum());
            int at = 0;
            while (ticket >= left.get(at).weight) {
                ticket -= left.get(at).weight;
                at++;
            }
            drawn.add(left.remove(at).route);
        }
    }
}

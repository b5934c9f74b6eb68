package io.deepgate.catalog;

import io.deepgate.access.Tenant;
import io.deepgate.api.RequestBody;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Where the calls of an alias may go: by priority, and within one priority in an order that each conversation has for
 * itself, by weight. A conversation that goes to the candidate has all others behind it; no other ever goes there.
 */
final class Alias {

    private final List<Weighted> routes;
    private final List<List<Weighted>> groups;
    private final @Nullable List<Route> always;
    private final @Nullable String stickyHeader;
    private final @Nullable Canary canary;
    private final @Nullable Route candidate;

    /**
     * @param routes at least one with a weight
     * @param stickyHeader the header that tells which conversation a call belongs to, null for none
     * @param canary null, as {@code candidate}, where the alias has no candidate
     */
    Alias(List<Weighted> routes, @Nullable String stickyHeader, @Nullable Canary canary, @Nullable Route candidate) {
        this.routes = routes;
        this.stickyHeader = stickyHeader;
        this.canary = canary;
        this.candidate = candidate;
        var byPriority = new TreeMap<Integer, List<Weighted>>();
        routes.stream()
                .filter(Weighted::used)
                .forEach(one -> byPriority
                        .computeIfAbsent(one.priority(), priority -> new ArrayList<>())
                        .add(one));
        groups = List.copyOf(byPriority.values());
        always = groups.stream().allMatch(Alias::isOneForAll)
                ? groups.stream().map(group -> group.getFirst().route()).toList()
                : null;
    }

    static Alias of(Route route) {
        return new Alias(List.of(new Weighted(route, 0, 1, Map.of())), null, null, null);
    }

    private static boolean isOneForAll(List<Weighted> group) {
        return group.size() == 1 && group.getFirst().tenants().isEmpty();
    }

    /** Every route, those without weight as well. */
    List<Route> all() {
        Stream<Route> stable = routes.stream().map(Weighted::route);
        return (candidate == null ? stable : Stream.concat(stable, Stream.of(candidate))).toList();
    }

    /** The routes for one call, the preferred first; where there is no choice, nothing is computed or made. */
    List<Route> routes(Tenant tenant, RequestBody body, HttpHeaders headers) {
        double share = canary == null ? 0 : canary.share(tenant.id());
        if (always != null && share == 0) {
            return always;
        }
        long conversation = Conversation.of(tenant, body, headers, stickyHeader);
        List<Route> chosen = new ArrayList<>(routes.size() + 1);
        if (candidate != null && share > 100 * Conversation.fraction(conversation ^ Weighted.seed(candidate))) {
            chosen.add(candidate);
        }
        for (List<Weighted> group : groups) {
            choose(group, tenant.id(), conversation, chosen);
        }
        return chosen;
    }

    private static void choose(List<Weighted> group, String tenant, long conversation, List<Route> chosen) {
        double last = -1;
        for (int i = 0; i < group.size(); i++) {
            double least = Double.POSITIVE_INFINITY;
            Route next = null;
            for (Weighted one : group) {
                double drawn = one.drawn(tenant, conversation);
                if (drawn > last && drawn < least) {
                    least = drawn;
                    next = one.route();
                }
            }
            if (next == null) {
                return;
            }
            chosen.add(next);
            last = least;
        }
    }
}

package io.deepgate.catalog;

import java.util.Map;

/**
 * A route that shares its priority with others, by weighted rendezvous: each conversation draws a number for each route, the
 * larger the weight the smaller, and goes to the smallest. A weight that is raised takes conversations from others, and
 * moves none between them. Source: "Weighted Distributed Hash Tables", Schindelhauer and Schomaker, 2005.
 *
 * @param weight its share of the conversations among the routes of its priority; 0 for none
 * @param tenants the weight for single tenants
 */
record Weighted(Route route, int priority, int weight, Map<String, Integer> tenants) {

    private static final double NEVER = Double.POSITIVE_INFINITY;

    /** Whether any tenant's conversations may go here. */
    boolean used() {
        return weight > 0 || tenants.values().stream().anyMatch(own -> own > 0);
    }

    int weight(String tenant) {
        return tenants.isEmpty() ? weight : tenants.getOrDefault(tenant, weight);
    }

    /** The number that {@code conversation} draws here; infinite where it never goes. */
    double drawn(String tenant, long conversation) {
        int share = weight(tenant);
        return share == 0 ? NEVER : -Math.log(1 - Conversation.fraction(conversation ^ seed(route))) / share;
    }

    /** What tells this way from the others of an alias. */
    static long seed(Route route) {
        return Conversation.hash(route.upstream().name() + '/' + route.slug());
    }
}

package io.deepgate.catalog;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One of the ways that the calls of an alias may go.
 *
 * @param slug null for the alias's
 * @param upstream null for the alias's
 * @param priority 0 or more; the lowest is asked first, the next when all of it are passed over or fail
 * @param weight 0 to 1000, its share of the conversations among the routes of its priority; 0 for none
 * @param tenants the weight for single tenants, by their id
 */
public record RouteEntry(
        @Nullable String slug,
        @Nullable String upstream,
        @DefaultValue("0") int priority,
        @DefaultValue("1") int weight,
        @DefaultValue Map<String, Integer> tenants) {

    /** The one route of an alias that lists none. */
    static final RouteEntry ONLY = new RouteEntry(null, null, 0, 1, Map.of());

    public RouteEntry {
        if (priority < 0) {
            throw new IllegalArgumentException("priority is " + priority + ": write 0 or more");
        }
        check("weight", weight);
        tenants.forEach((tenant, own) -> check("tenants." + tenant, own));
    }

    private static void check(String name, int weight) {
        if (weight < 0 || weight > 1000) {
            throw new IllegalArgumentException(name + " is " + weight + ": write 0 to 1000");
        }
    }
}

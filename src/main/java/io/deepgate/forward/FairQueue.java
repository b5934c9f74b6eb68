package io.deepgate.forward;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Lets what waits in, tenant by tenant, by weight; within a tenant in order of arrival. A tenant that has not been waiting
 * is next, however many of another's wait. Source: Goyal, Vin and Cheng, "Start-time Fair Queuing", 1996. Not thread-safe.
 *
 * @param <T> what waits; each once
 */
final class FairQueue<T> {

    /** One tenant's. */
    private static final class Line<T> {

        private final LinkedHashSet<T> waiting = new LinkedHashSet<>();
        private int weight = 1;

        /** On the clock of turns: its own turns are 1 / weight apart. */
        private double turn;

        private long order;
    }

    private final Map<String, Line<T>> lines = new HashMap<>();
    private final PriorityQueue<Line<T>> turns = new PriorityQueue<>(
            Comparator.<Line<T>>comparingDouble(line -> line.turn).thenComparingLong(line -> line.order));
    private double lastTurn;
    private long lastOrder;
    private int size;

    int size() {
        return size;
    }

    void add(String tenant, int weight, T item) {
        Line<T> line = lines.computeIfAbsent(tenant, id -> new Line<>());
        line.weight = weight;
        line.waiting.add(item);
        size++;
        if (line.waiting.size() == 1) {
            line.turn = Math.max(line.turn, lastTurn);
            enter(line);
        }
    }

    private void enter(Line<T> line) {
        line.order = lastOrder++;
        turns.add(line);
    }

    /** Takes out what is next, or gives null if nothing waits. */
    @Nullable
    T next() {
        Line<T> line = turns.poll();
        if (line == null) {
            return null;
        }
        T item = line.waiting.removeFirst();
        size--;
        lastTurn = line.turn;
        line.turn += 1.0 / line.weight;
        if (!line.waiting.isEmpty()) {
            enter(line);
        }
        return item;
    }

    /** Takes {@code item} out, if it waits. */
    void remove(String tenant, T item) {
        Line<T> line = lines.get(tenant);
        if (line != null && line.waiting.remove(item)) {
            left(line);
        }
    }

    /**
     * Takes out the newest of the tenant with the most that wait for its weight, or gives null if {@code tenant} would then
     * have more than that tenant.
     */
    @Nullable
    T pushOut(String tenant, int weight) {
        Line<T> own = lines.get(tenant);
        double most = (own == null ? 1 : own.waiting.size() + 1) / (double) weight;
        Line<T> longest = null;
        for (Line<T> line : turns) {
            double share = line.waiting.size() / (double) line.weight;
            if (line != own && share > most) {
                most = share;
                longest = line;
            }
        }
        if (longest == null) {
            return null;
        }
        T newest = longest.waiting.removeLast();
        left(longest);
        return newest;
    }

    private void left(Line<T> line) {
        size--;
        if (line.waiting.isEmpty()) {
            turns.remove(line);
        }
    }
}

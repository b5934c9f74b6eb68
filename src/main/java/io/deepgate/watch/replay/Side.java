package io.deepgate.watch.replay;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All results of one model, in figures.
 *
 * @param cut answers that ended at their most tokens
 * @param cost nanodollars of all, null if a price is not known
 * @param cachedShare prompt tokens that came from the prefix cache, 0 to 1
 */
record Side(
        String model,
        int answered,
        int passed,
        int refused,
        int cut,
        long medianMillis,
        long lateMillis,
        double meanOutput,
        double cachedShare,
        @Nullable Long cost) {

    static Side of(String model, List<Result> results) {
        List<Long> millis = results.stream().map(Result::millis).sorted().toList();
        long cached = results.stream().mapToLong(Result::cached).sum();
        long prompt = cached + results.stream().mapToLong(Result::uncached).sum();
        boolean priced = results.stream().map(Result::cost).allMatch(Objects::nonNull);
        return new Side(
                model,
                results.size(),
                (int) results.stream().filter(Result::passes).count(),
                (int) results.stream().filter(result -> result.status() != 200).count(),
                (int) results.stream()
                        .filter(result -> "length".equals(result.finish()))
                        .count(),
                quantile(millis, 0.5),
                quantile(millis, 0.95),
                results.stream().mapToLong(Result::output).average().orElse(0),
                prompt == 0 ? 0 : (double) cached / prompt,
                priced
                        ? results.stream()
                                .mapToLong(result -> Objects.requireNonNull(result.cost()))
                                .sum()
                        : null);
    }

    private static long quantile(List<Long> sorted, double quantile) {
        return sorted.isEmpty() ? 0 : sorted.get((int) Math.ceil(quantile * sorted.size()) - 1);
    }
}

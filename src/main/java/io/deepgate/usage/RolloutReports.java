package io.deepgate.usage;

import io.deepgate.api.Parameter;
import io.deepgate.catalog.Canary;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.Heed;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Route;
import io.deepgate.catalog.Variant;
import io.deepgate.usage.RolloutLedger.Count;
import io.deepgate.usage.RolloutReport.Context;
import io.deepgate.usage.RolloutReport.Cost;
import io.deepgate.usage.RolloutReport.Lengths;
import io.deepgate.usage.RolloutReport.Model;
import io.deepgate.usage.RolloutReport.Projection;
import io.deepgate.usage.RolloutReport.Rollout;
import io.deepgate.usage.RolloutReport.TenantLengths;
import io.deepgate.usage.RolloutReport.Unheeded;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/** Reports on rollouts, from the ledger: of all replicas, and of what was before this one started. */
public final class RolloutReports {

    private static final long SHORT = 32 * 1024;
    private static final int FEWEST = 20;
    private static final String ALL = "all";

    /** Where the calls of an alias may go, the first of stable's preferred. */
    private record Routes(List<Route> stable, Route candidate) {

        static Routes of(Catalog catalog, String alias) {
            List<Route> all = catalog.routes().stream()
                    .filter(route -> route.alias().equals(alias))
                    .toList();
            return new Routes(
                    all.stream()
                            .filter(route -> route.variant() == Variant.STABLE)
                            .toList(),
                    all.stream()
                            .filter(route -> route.variant() == Variant.CANDIDATE)
                            .findFirst()
                            .orElseThrow());
        }
    }

    private final LiveCatalog catalog;
    private final UsageReport ledger;
    private final InstantSource clock;

    RolloutReports(LiveCatalog catalog, UsageReport ledger, InstantSource clock) {
        this.catalog = catalog;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** The rollouts there are now. */
    public List<Rollout> all() {
        Catalog now = catalog.current();
        return now.canaries().values().stream()
                .map(canary -> rollout(canary, Routes.of(now, canary.alias())))
                .toList();
    }

    /**
     * Reads one, without blocking the caller; empty if {@code alias} has no candidate. Fails with a {@link
     * UsageUnavailableException} as usage does.
     *
     * @param from since when its calls are looked at
     * @param tenants whose usage is looked at
     * @param window how many tokens a route's model takes, 0 where that is not known
     */
    public Mono<RolloutReport> read(
            String alias, Instant from, Collection<String> tenants, ToLongFunction<Route> window) {
        Catalog now = catalog.current();
        Canary canary = now.canaries().get(alias);
        return canary == null
                ? Mono.empty()
                : ledger.ask(jdbc -> report(now, canary, from, tenants, window, new RolloutLedger(jdbc)));
    }

    private RolloutReport report(
            Catalog catalog,
            Canary canary,
            Instant from,
            Collection<String> tenants,
            ToLongFunction<Route> window,
            RolloutLedger ledger) {
        String alias = canary.alias();
        Instant now = clock.instant();
        Routes routes = Routes.of(catalog, alias);
        Route candidate = routes.candidate();
        List<CallRecord> candidates = ledger.candidate(alias, candidate.slug(), from, now);
        List<CallRecord> stables = ledger.stable(alias, candidates, from, now);
        YearMonth month = YearMonth.from(now.atOffset(ZoneOffset.UTC)).minusMonths(1);
        List<Count> traits = tenants.stream()
                .flatMap(tenant -> ledger.traits(tenant, alias, month.atDay(1)).stream())
                .toList();
        Context context = context(traits, window.applyAsLong(candidate));
        List<Unheeded> unheeded = unheeded(traits, routes);
        Projection cost = cost(catalog, routes, month, tenants, ratio(stables, candidates), now, ledger);
        Verdict verdict = Verdict.of(
                canary.reason(),
                Side.of(stables),
                Side.of(candidates),
                canary.candidate().guard(),
                context.tenants(),
                unheeded,
                cost.all());
        return new RolloutReport(
                rollout(canary, routes),
                from,
                now,
                2 * Measured.CONFIDENCE - 1,
                verdict,
                Measured.all(stables, candidates),
                cost,
                context,
                unheeded);
    }

    private static Rollout rollout(Canary canary, Routes routes) {
        return new Rollout(
                canary.alias(),
                routes.stable().stream().map(RolloutReports::model).toList(),
                model(routes.candidate()),
                canary.share(),
                canary.candidate().steps(),
                canary.step(),
                canary.reason());
    }

    private static Model model(Route route) {
        return new Model(route.slug(), route.upstream().name());
    }

    /** How many output tokens the candidate writes for one of stable's; not a number where too few calls tell. */
    private static double ratio(List<CallRecord> stable, List<CallRecord> candidate) {
        double[] one = Measured.outputs(stable);
        double[] other = Measured.outputs(candidate);
        return one.length < FEWEST || other.length < FEWEST
                ? Double.NaN
                : Measured.average(other) / Measured.average(one);
    }

    private static Projection cost(
            Catalog catalog,
            Routes routes,
            YearMonth month,
            Collection<String> tenants,
            double outputRatio,
            Instant now,
            RolloutLedger ledger) {
        String candidate = routes.candidate().slug();
        Set<String> stable =
                routes.stable().stream().map(Route::slug).collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> slugs = Stream.concat(stable.stream(), Stream.of(candidate)).collect(Collectors.toSet());
        LocalDate from = month.atDay(1);
        LocalDate to = from.plusMonths(1);
        RolloutCost all = new RolloutCost(catalog, stable, candidate, outputRatio, now);
        List<Cost> costs = new ArrayList<>();
        for (String tenant : tenants) {
            RolloutCost own = new RolloutCost(catalog, stable, candidate, outputRatio, now);
            ledger.hours(tenant, slugs, from, to, own);
            all.add(own);
            if (!own.isNothing()) {
                costs.add(own.of(tenant));
            }
        }
        costs.sort(Comparator.comparingLong(Cost::input).reversed());
        return new Projection(
                from.atStartOfDay().toInstant(ZoneOffset.UTC),
                to.atStartOfDay().toInstant(ZoneOffset.UTC),
                costs,
                all.of(ALL),
                assumed(slugs, outputRatio));
    }

    private static List<String> assumed(Set<String> slugs, double outputRatio) {
        List<String> assumed = new ArrayList<>();
        assumed.add("All usage of " + String.join(", ", slugs) + ", by whatever alias.");
        assumed.add("The prices of today, at peak in the hours that were.");
        assumed.add("The same prompts, and as much of them from the cache; at first a new model's cache is empty.");
        assumed.add(
                Double.isNaN(outputRatio)
                        ? "As many output tokens: too few calls tell how many the candidate writes."
                        : String.format(
                                Locale.ROOT,
                                "As many output tokens; or, as it writes, %.2f for one of stable's.",
                                outputRatio));
        return assumed;
    }

    private static Context context(List<Count> traits, long window) {
        Map<String, NavigableMap<Long, Long>> byTenant = new TreeMap<>();
        NavigableMap<Long, Long> all = new TreeMap<>();
        for (Count count : traits) {
            if (count.trait().startsWith(CallTrait.CONTEXT)) {
                long below = Long.parseLong(count.trait().substring(CallTrait.CONTEXT.length()));
                byTenant.computeIfAbsent(count.tenant(), tenant -> new TreeMap<>())
                        .merge(below, count.calls(), Long::sum);
                all.merge(below, count.calls(), Long::sum);
            }
        }
        return new Context(
                window == 0 ? null : window,
                all.entrySet().stream()
                        .map(bucket -> new Lengths(bucket.getKey(), bucket.getValue()))
                        .toList(),
                byTenant.entrySet().stream()
                        .map(one -> lengths(one.getKey(), one.getValue(), window))
                        .toList());
    }

    private static TenantLengths lengths(String tenant, NavigableMap<Long, Long> buckets, long window) {
        return new TenantLengths(
                tenant,
                sum(buckets),
                sum(buckets.headMap(SHORT, true)),
                buckets.lastKey(),
                window == 0 ? null : sum(buckets.tailMap(window, false)));
    }

    private static long sum(Map<Long, Long> buckets) {
        return buckets.values().stream().mapToLong(Long::longValue).sum();
    }

    private static List<Unheeded> unheeded(List<Count> traits, Routes routes) {
        Route candidate = routes.candidate();
        Route stable = routes.stable().getFirst();
        List<Unheeded> all = new ArrayList<>();
        for (Count count : traits) {
            Parameter parameter = Parameter.of(count.trait());
            Heed there = parameter == null ? Heed.HEEDED : Heed.of(parameter, candidate);
            if (parameter != null && there != Heed.HEEDED) {
                String here = Heed.of(parameter, stable).label();
                all.add(new Unheeded(count.tenant(), parameter.label(), count.calls(), here, there.label()));
            }
        }
        all.sort(Comparator.comparing(Unheeded::tenant).thenComparing(Unheeded::parameter));
        return all;
    }
}

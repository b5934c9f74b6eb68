package io.deepgate.watch;

import io.deepgate.access.AccessKey;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenants;
import io.deepgate.access.TenantsFile;
import io.deepgate.usage.CallRecord;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What the console shows, read from meters and the files as they are now: one document, as large as the configuration. */
final class LiveView {

    private static final JsonMapper JSON = new JsonMapper();

    /** Running sums; the page makes rates of them. */
    record Sums(double calls, double tokens, double firstTokens, double firstTokenSeconds) {}

    record TenantView(
            String id,
            double inFlight,
            double calls,
            double tokens,
            double dollars,
            double rejected,
            Limits limits,
            @Nullable Double dollarsPerDay,
            @Nullable Double dollarsPerMonth,
            List<KeyView> keys) {}

    record KeyView(
            String id,
            @Nullable Instant created,
            @Nullable Instant expires,
            @Nullable Instant lastUse) {}

    record BreakerView(String name, String state) {}

    record UpstreamView(String upstream, String model, double limit, double inUse, double queued) {}

    record CallView(
            Instant at,
            String requestId,
            String tenant,
            @Nullable String alias,
            String outcome,
            int status,
            long tokens,
            @Nullable Long firstTokenMillis,
            long millis) {}

    record Live(
            Instant now,
            boolean login,
            List<String> refusals,
            Sums sums,
            List<TenantView> tenants,
            List<BreakerView> breakers,
            List<UpstreamView> upstreams,
            List<CallView> calls) {}

    private final MeterRegistry registry;
    private final TenantsFile tenants;
    private final CircuitBreakerRegistry breakers;
    private final CatalogReload catalog;
    private final LastCalls calls;
    private final LastUse lastUse;
    private final boolean login;

    LiveView(
            MeterRegistry registry,
            TenantsFile tenants,
            CircuitBreakerRegistry breakers,
            CatalogReload catalog,
            LastCalls calls,
            LastUse lastUse,
            boolean login) {
        this.registry = registry;
        this.tenants = tenants;
        this.breakers = breakers;
        this.catalog = catalog;
        this.calls = calls;
        this.lastUse = lastUse;
        this.login = login;
    }

    byte[] json() {
        return JSON.writeValueAsBytes(live());
    }

    Live live() {
        return new Live(
                Instant.now(),
                login,
                refusals(),
                new Sums(
                        sum("gateway.usage.calls", Statistic.COUNT),
                        sum("gateway.usage.tokens", Statistic.COUNT),
                        sum("gen_ai.server.time_to_first_token", Statistic.COUNT),
                        sum("gen_ai.server.time_to_first_token", Statistic.TOTAL_TIME)),
                tenants(),
                breakers(),
                upstreams(),
                calls.latest().stream().map(LiveView::call).toList());
    }

    private List<String> refusals() {
        List<String> all = new ArrayList<>();
        if (tenants.refusal() != null) {
            all.add("The tenants stay as they were: " + tenants.refusal());
        }
        if (catalog.refusal() != null) {
            all.add("The catalog stays as it was: " + catalog.refusal());
        }
        return all;
    }

    private double sum(String meter, Statistic statistic) {
        return by("tenant", meter, statistic).values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    /** A meter's figures added up by one label. */
    private Map<String, Double> by(String label, String meter, Statistic statistic) {
        Map<String, Double> sums = new LinkedHashMap<>();
        for (Meter one : registry.find(meter).meters()) {
            String value = one.getId().getTag(label);
            one.measure().forEach(measurement -> {
                if (measurement.getStatistic() == statistic) {
                    sums.merge(value == null ? "" : value, measurement.getValue(), Double::sum);
                }
            });
        }
        return sums;
    }

    private List<TenantView> tenants() {
        Map<String, Double> inFlight = by("tenant", "gateway.admission.in.flight", Statistic.VALUE);
        Map<String, Double> ended = by("tenant", "gateway.usage.calls", Statistic.COUNT);
        Map<String, Double> tokens = by("tenant", "gateway.usage.tokens", Statistic.COUNT);
        Map<String, Double> dollars = by("tenant", "gateway.usage.cost", Statistic.COUNT);
        Map<String, Double> rejected = by("tenant", "gateway.admission.rejected", Statistic.COUNT);
        Tenants now = tenants.current();
        Map<String, List<KeyView>> keys = keys(now);
        return now.all().stream()
                .map(tenant -> new TenantView(
                        tenant.id(),
                        inFlight.getOrDefault(tenant.id(), 0.0),
                        ended.getOrDefault(tenant.id(), 0.0),
                        tokens.getOrDefault(tenant.id(), 0.0),
                        dollars.getOrDefault(tenant.id(), 0.0),
                        rejected.getOrDefault(tenant.id(), 0.0),
                        tenant.limits(),
                        dollars(tenant.budget().nanosPerDay()),
                        dollars(tenant.budget().nanosPerMonth()),
                        keys.getOrDefault(tenant.id(), List.of())))
                .toList();
    }

    private static @Nullable Double dollars(@Nullable Long nanos) {
        return nanos == null ? null : nanos / 1e9;
    }

    private Map<String, List<KeyView>> keys(Tenants now) {
        Map<String, Instant> used = lastUse.keys();
        Map<String, List<KeyView>> keys = new LinkedHashMap<>();
        for (AccessKey key : now.keys()) {
            keys.computeIfAbsent(key.tenant(), tenant -> new ArrayList<>())
                    .add(new KeyView(key.id(), key.created(), key.expires(), used.get(key.id())));
        }
        return keys;
    }

    private List<BreakerView> breakers() {
        return breakers.getAllCircuitBreakers().stream()
                .map(one -> new BreakerView(one.getName(), one.getState().name()))
                .sorted((a, b) -> a.name.compareTo(b.name))
                .toList();
    }

    private List<UpstreamView> upstreams() {
        List<UpstreamView> views = new ArrayList<>();
        for (Meter one : registry.find("gateway.forward.concurrency.limit").meters()) {
            String upstream = one.getId().getTag("upstream");
            String model = one.getId().getTag("model");
            views.add(new UpstreamView(
                    String.valueOf(upstream),
                    String.valueOf(model),
                    value(one),
                    gauge("gateway.forward.concurrency.in.use", upstream, model),
                    gauge("gateway.forward.concurrency.queued", upstream, model)));
        }
        return views;
    }

    private double gauge(String meter, @Nullable String upstream, @Nullable String model) {
        return upstream == null || model == null
                ? 0
                : registry.find(meter).tags("upstream", upstream, "model", model).meters().stream()
                        .mapToDouble(LiveView::value)
                        .sum();
    }

    private static double value(Meter meter) {
        return meter.measure().iterator().next().getValue();
    }

    private static CallView call(CallRecord call) {
        return new CallView(
                call.startedAt(),
                call.requestId(),
                call.tenant(),
                call.alias(),
                call.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                call.status(),
                call.tokens().total(),
                call.timeToFirstToken() == null ? null : call.timeToFirstToken().toMillis(),
                call.duration().toMillis());
    }
}

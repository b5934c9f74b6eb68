package io.deepgate.watch;

import io.deepgate.access.TenantsFile;
import io.deepgate.usage.CallRecord;
import io.micrometer.core.instrument.Statistic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What the console shows, read from meters and the files as they are now: one document, as large as the configuration. */
final class LiveView {

    private static final JsonMapper JSON = new JsonMapper();

    /** Running sums; the page makes rates of them. */
    record Sums(double calls, double tokens, double firstTokens, double firstTokenSeconds) {}

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

    /**
     * @param login whether operators log in, and out
     * @param lastUses whether a key without a last use was never used
     * @param refusals why changed files were not taken over
     */
    record Live(
            Instant now,
            boolean login,
            boolean lastUses,
            List<String> refusals,
            Sums sums,
            List<TenantsView.TenantFigures> tenants,
            List<UpstreamsView.BreakerState> breakers,
            List<UpstreamsView.Occupancy> upstreams,
            List<CallView> calls) {}

    private final Figures figures;
    private final TenantsView tenants;
    private final UpstreamsView upstreams;
    private final TenantsFile tenantsFile;
    private final CatalogReload catalog;
    private final LastCalls calls;
    private final LastUse lastUse;
    private final boolean login;

    LiveView(
            Figures figures,
            TenantsView tenants,
            UpstreamsView upstreams,
            TenantsFile tenantsFile,
            CatalogReload catalog,
            LastCalls calls,
            LastUse lastUse,
            boolean login) {
        this.figures = figures;
        this.tenants = tenants;
        this.upstreams = upstreams;
        this.tenantsFile = tenantsFile;
        this.catalog = catalog;
        this.calls = calls;
        this.lastUse = lastUse;
        this.login = login;
    }

    byte[] json() {
        return JSON.writeValueAsBytes(new Live(
                Instant.now(),
                login,
                lastUse.isWhole(),
                refusals(),
                sums(),
                tenants.now(),
                upstreams.breakers(),
                upstreams.concurrency(),
                calls.latest().stream().map(LiveView::call).toList()));
    }

    private Sums sums() {
        return new Sums(
                figures.sum("gateway.usage.calls", Statistic.COUNT),
                figures.sum("gateway.usage.tokens", Statistic.COUNT),
                figures.sum("gen_ai.server.time_to_first_token", Statistic.COUNT),
                figures.sum("gen_ai.server.time_to_first_token", Statistic.TOTAL_TIME));
    }

    private List<String> refusals() {
        List<String> all = new ArrayList<>();
        if (tenantsFile.refusal() != null) {
            all.add("The tenants stay as they were: " + tenantsFile.refusal());
        }
        if (catalog.refusal() != null) {
            all.add("The catalog stays as it was: " + catalog.refusal());
        }
        return all;
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

package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.deepgate.relay.TokenUsage;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UsageMetersTests {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final UsageMeters meters = new UsageMeters(registry, null);

    @Test
    void countTokensByKind() {
        meters.add(Records.completed());
        meters.add(Records.completed());

        assertThat(tokens("input_cached")).isEqualTo(128);
        assertThat(tokens("input_uncached")).isEqualTo(72);
        assertThat(tokens("output")).isEqualTo(82);
        assertThat(of("gateway.usage.reasoning.tokens").counter().count()).isEqualTo(34);
        assertThat(of("gateway.usage.estimated").counter().count()).isZero();
    }

    @Test
    void countCallsWhoseTokensAreEstimated() {
        meters.add(Records.call(Outcome.CANCELLED, 499, null, new TokenUsage(0, 10, 5, 0, true), true));
        meters.add(Records.completed());

        assertThat(of("gateway.usage.estimated").counter().count()).isOne();
        assertThat(tokens("output")).isEqualTo(46);
    }

    @Test
    void sumWhatCallsCost() {
        meters.add(Records.completed());
        meters.add(Records.completed());

        assertThat(of("gateway.usage.cost").counter().count()).isCloseTo(0.000_096, offset(1e-12));
        assertThat(of("gateway.usage.unpriced").counter().count()).isZero();
    }

    @Test
    void countCallsWhoseCostNobodyKnows() {
        meters.add(Records.unpriced());

        assertThat(of("gateway.usage.cost").counter().count()).isZero();
        assertThat(of("gateway.usage.unpriced").counter().count()).isOne();
    }

    @Test
    void countCallsByHowTheyEnded() {
        meters.add(Records.completed());
        meters.add(Records.completed());
        meters.add(Records.call(Outcome.TIMED_OUT, 504, "upstream_timeout", TokenUsage.NONE, true));
        meters.add(Records.rejected(429, "rate_limit_exceeded"));

        assertThat(calls("deepseek-flash", "completed", "200")).isEqualTo(2);
        assertThat(calls("deepseek-flash", "timed_out", "504")).isEqualTo(1);
        assertThat(calls("none", "rejected", "429")).isEqualTo(1);
        assertThat(registry.find("gateway.usage.calls").counters()).hasSize(3);
    }

    @Test
    void timeCalls() {
        meters.add(Records.completed());

        isTimed("gen_ai.server.request.duration", 2500);
        isTimed("gen_ai.server.time_to_first_token", 500);
        isTimed("gen_ai.server.time_per_output_token", 50);
        isTimed("gateway.call.overhead", 3);
    }

    @Test
    void timeNoFirstTokenWhereThereIsNone() {
        meters.add(Records.call(Outcome.COMPLETED, 200, null, Records.TOKENS, false));

        isTimed("gen_ai.server.request.duration", 2500);
        assertThat(of("gen_ai.server.time_to_first_token").timer().count()).isZero();
        assertThat(of("gen_ai.server.time_per_output_token").timer().count()).isZero();
    }

    @Test
    void timeNoFurtherTokensWhereThereWasOne() {
        meters.add(Records.call(Outcome.COMPLETED, 200, null, new TokenUsage(0, 1, 1, 0, false), true));

        isTimed("gen_ai.server.time_to_first_token", 500);
        assertThat(of("gen_ai.server.time_per_output_token").timer().count()).isZero();
    }

    @Test
    void sayNothingOfModelsForCallsThatHadNone() {
        meters.add(Records.rejected(404, "model_not_found"));

        assertThat(registry.getMeters())
                .extracting(meter -> meter.getId().getName())
                .containsOnly("gateway.usage.calls");
    }

    @Test
    void takeLabelsFromConfigurationOnly() {
        meters.add(Records.completed());
        meters.add(Records.rejected(404, "model_not_found"));

        assertThat(meters())
                .flatExtracting(meter -> meter.getId().getTags())
                .extracting(Tag::getKey)
                .containsOnly("tenant", "model", "kind", "outcome", "status");
        assertThat(meters())
                .flatExtracting(meter -> meter.getId().getTags())
                .extracting(Tag::getValue)
                .containsOnly(
                        "search",
                        "deepseek-flash",
                        "none",
                        "input_cached",
                        "input_uncached",
                        "output",
                        "completed",
                        "rejected",
                        "200",
                        "404");
    }

    @Test
    void areAllDescribed() {
        meters.add(Records.completed());

        assertThat(meters())
                .extracting(Meter::getId)
                .allSatisfy(id -> assertThat(id.getDescription()).isNotBlank());
    }

    @Test
    void areNamedInPrometheusAsOperatorsKnowThem() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new UsageMeters(prometheus, null).add(Records.completed());

        assertThat(prometheus.scrape())
                .contains(
                        "gateway_usage_tokens_total{kind=\"input_cached\",model=\"deepseek-flash\",tenant=\"search\"} 64.0")
                .contains("gateway_usage_reasoning_tokens_total{model=\"deepseek-flash\",tenant=\"search\"} 17.0")
                .contains("gateway_usage_estimated_total{")
                .contains("gateway_usage_calls_total{model=\"deepseek-flash\",outcome=\"completed\",status=\"200\","
                        + "tenant=\"search\"} 1.0")
                .contains(
                        "gen_ai_server_request_duration_seconds_bucket{model=\"deepseek-flash\",tenant=\"search\",le=\"2.5\"} 1")
                .contains(
                        "gen_ai_server_time_to_first_token_seconds_bucket{model=\"deepseek-flash\",tenant=\"search\",le=\"0.5\"} 1")
                .contains(
                        "gen_ai_server_time_per_output_token_seconds_bucket{model=\"deepseek-flash\",tenant=\"search\",le=\"0.05\"} 1")
                .contains(
                        "gateway_call_overhead_seconds_bucket{model=\"deepseek-flash\",tenant=\"search\",le=\"0.005\"} 1");
    }

    /** Without the buckets, which this registry shows as meters of their own. */
    private List<Meter> meters() {
        return registry.getMeters().stream()
                .filter(meter -> !meter.getId().getName().endsWith(".histogram"))
                .toList();
    }

    private void isTimed(String name, long millis) {
        Timer timer = of(name).timer();
        assertThat(timer.count()).isOne();
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(millis);
    }

    private double tokens(String kind) {
        return of("gateway.usage.tokens").tag("kind", kind).counter().count();
    }

    private double calls(String model, String outcome, String status) {
        return registry.get("gateway.usage.calls")
                .tags("tenant", "search", "model", model, "outcome", outcome, "status", status)
                .counter()
                .count();
    }

    private RequiredSearch of(String name) {
        return registry.get(name).tags("tenant", "search", "model", "deepseek-flash");
    }
}

package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.PostgresServer;
import io.deepgate.api.Parameter;
import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Variant;
import io.deepgate.relay.Finish;
import io.deepgate.relay.TokenUsage;
import io.deepgate.usage.Measured.Figure;
import io.deepgate.usage.RolloutReport.Cost;
import io.deepgate.usage.Verdict.Advice;
import io.opentelemetry.api.trace.SpanContext;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What is said of calls that are known: the alias {@code fast} moves to a model that costs three times as much. */
@ExtendWith(PostgresServer.class)
class RolloutReportsTests {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final Instant LAST_WEEK = NOON.minus(Duration.ofDays(7));
    private static final List<String> TENANTS = List.of("search", "mail");

    private LiveCatalog catalog = catalog();
    private Ledgers ledgers = new Ledgers(Ledgers.newH2());
    private long window;
    private int calls;

    @BeforeEach
    void knowsTheWindow() {
        window = 65_536;
    }

    @AfterEach
    void closes() {
        ledgers.close();
    }

    @ParameterizedTest
    @EnumSource(LedgerTests.Engine.class)
    void comparesAllMeasuresWithTheirIntervals(LedgerTests.Engine engine) {
        ledgers.close();
        ledgers = new Ledgers(engine.newDatabase());
        for (int i = 0; i < 300; i++) {
            add(
                    Variant.CANDIDATE,
                    i % 5 == 0 ? Outcome.FAILED : Outcome.COMPLETED,
                    i % 3 == 0 ? Finish.LENGTH : Finish.STOP,
                    600 + i % 7,
                    80 + i % 3,
                    120_000 + i);
            add(
                    Variant.STABLE,
                    i % 100 == 0 ? Outcome.FAILED : Outcome.COMPLETED,
                    Finish.STOP,
                    300 + i % 7,
                    40,
                    50_000);
        }

        RolloutReport report = report();

        Measured errors = measure(report, "errors");
        assertThat(errors.stable().value()).isEqualTo(0.01);
        assertThat(errors.candidate().value()).isEqualTo(0.2);
        assertThat(errors.candidate().of()).isEqualTo(300);
        surrounds(errors.candidate(), 0.2);
        surrounds(errors.difference(), 0.19);
        assertThat(errors.says()).isEqualTo("worse");
        assertThat(measure(report, "errors: upstream_unavailable").says()).isEqualTo("worse");
        assertThat(measure(report, "finish: length").candidate().value()).isEqualTo(80 / 240.0);
        assertThat(measure(report, "finish: content_filter").says()).isEqualTo("unknown");
        assertThat(measure(report, "empty answers").candidate().value()).isZero();
        assertThat(measure(report, "first token, median").difference().value()).isEqualTo(300);
        assertThat(measure(report, "first token, 95th percentile").says()).isEqualTo("worse");
        assertThat(measure(report, "tokens per second").says()).isEqualTo("better");
        assertThat(measure(report, "output per call").says()).isEqualTo("higher");
        Measured cost = measure(report, "cost per call");
        surrounds(cost.candidate(), 0.00012015);
        assertThat(cost.says()).isEqualTo("worse");
        assertThat(measure(report, "prompt from cache").stable().value()).isEqualTo(0.64);
        assertThat(report.verdict().advice()).isEqualTo(Advice.STAY);
        assertThat(report.verdict().sentence())
                .matches("Stay with stable: 20\\.0 % of its calls fail and 1\\.0 % of stable's: .* are allowed\\.");
        assertThat(report.rollout().candidate().slug()).isEqualTo("deepseek-next");
    }

    @Test
    void takesStableFromTheSameTime() {
        for (int i = 0; i < 40; i++) {
            add(Variant.CANDIDATE, Outcome.COMPLETED, Finish.STOP, 300, 40, 50_000);
            for (int stable = 0; stable < 9; stable++) {
                add(Variant.STABLE, i < 20 ? Outcome.FAILED : Outcome.COMPLETED, Finish.STOP, 300, 40, 50_000);
            }
        }

        Measured errors = measure(report(), "errors");

        assertThat(errors.stable().of()).isEqualTo(4 * 40);
        assertThat(errors.stable().value())
                .as("though the last calls all were right")
                .isEqualTo(0.5);
    }

    @Test
    void saysThatNothingSpeaksAgainstOneThatIsNoWorse() {
        equal();
        window = 0;

        RolloutReport report = report();

        assertThat(report.verdict().sentence())
                .isEqualTo("Go on: in 250 calls beside 250 of stable's the candidate is worse at nothing that the guard"
                        + " looks at, and no tenant would be refused or heeded less.");
        assertThat(report.context().candidateWindow()).isNull();
        assertThat(report.context().tenants().getFirst().overflowing()).isNull();
    }

    @Test
    void saysWhoseContextsMayNotFitAndWhoIsNotHeeded() {
        equal();
        ledgers.ledger.add(List.of(
                call("mail", NOON.minusSeconds(60), "deepseek-flash", Variant.STABLE, 90_000, 0),
                call("mail", NOON.minusSeconds(61), "deepseek-flash", Variant.STABLE, 40_000, Parameter.SEED.bit()),
                call(
                        "mail",
                        NOON.minusSeconds(62),
                        "deepseek-flash",
                        Variant.STABLE,
                        500,
                        Parameter.TOP_P.bit() | Parameter.JSON_SCHEMA.bit())));

        RolloutReport report = report();

        assertThat(report.context().tenants()).contains(new RolloutReport.TenantLengths("mail", 3, 1, 131_072, 1L));
        assertThat(report.context().buckets())
                .contains(new RolloutReport.Lengths(65_536, 1), new RolloutReport.Lengths(131_072, 1));
        assertThat(report.parameters())
                .containsExactly(
                        new RolloutReport.Unheeded("mail", "json_schema", 1, "rejected", "rejected"),
                        new RolloutReport.Unheeded("mail", "seed", 1, "ignored", "ignored"),
                        new RolloutReport.Unheeded("mail", "top_p", 1, "heeded", "ignored"));
        assertThat(report.verdict().advice()).isEqualTo(Advice.ASK);
        assertThat(report.verdict().sentence())
                .endsWith("but contexts of mail may not fit, and parameters of mail (top_p) would be ignored.");
    }

    @Test
    void waitsForCalls() {
        add(Variant.CANDIDATE, Outcome.COMPLETED, Finish.STOP, 300, 40, 50_000);

        assertThat(report().verdict())
                .isEqualTo(
                        new Verdict(
                                Advice.WAIT,
                                "Wait: the candidate has had 1 calls and stable 0 beside them, of the 100 each that say anything."));
    }

    @Test
    void saysWhyTheGuardHasStoppedIt() {
        catalog.current().canaries().get("fast").stop("it was bad");

        assertThat(report().verdict().sentence())
                .isEqualTo("Stay with stable: the guard has stopped the candidate, since it was bad.");
    }

    @Test
    void projectsLastMonthsUsageAtBothPrices() {
        for (int i = 0; i < 30; i++) {
            add(Variant.STABLE, Outcome.COMPLETED, Finish.STOP, 300, 40, 50_000);
            add(Variant.CANDIDATE, Outcome.COMPLETED, Finish.STOP, 300, 60, 50_000);
        }
        Instant october = Instant.parse("2026-10-14T12:30:00Z");
        Instant peak = Instant.parse("2026-10-14T02:30:00Z");
        ledgers.ledger.add(List.of(
                call("mail", october, "deepseek-flash", null, 1_000_000, 0),
                call("mail", peak, "deepseek-flash", null, 1_000_000, 0),
                call("mail", october, "deepseek-next", null, 1_000_000, 0),
                call("mail", october, "another", null, 1_000_000, 0),
                call("search", Instant.parse("2026-09-30T23:59:59Z"), "deepseek-flash", null, 1_000_000, 0)));

        RolloutReport.Projection month = report().lastMonth();

        // A call has 1,000,000 tokens of prompt at 1 USD for stable, 3 for the candidate, and 10 tokens of output.
        Cost cost = month.tenants().getFirst();
        assertThat(month.tenants()).hasSize(1);
        assertThat(cost.tenant()).isEqualTo("mail");
        assertThat(cost.calls()).isEqualTo(3);
        assertThat(cost.stableUsd()).isEqualByComparingTo(new BigDecimal("4.00004"));
        assertThat(cost.candidateUsd()).isEqualByComparingTo(new BigDecimal("9.00009"));
        assertThat(cost.candidateAsItWritesUsd()).isEqualByComparingTo(new BigDecimal("9.00012"));
        assertThat(month.all().stableUsd()).isEqualByComparingTo(cost.stableUsd());
        assertThat(month.from()).isEqualTo("2026-10-01T00:00:00Z");
        assertThat(month.to()).isEqualTo("2026-11-01T00:00:00Z");
        assertThat(month.assumed()).anyMatch(text -> text.endsWith("as it writes, 1.50 for one of stable's."));
    }

    @Test
    void knowsNoReportOfAnAliasWithoutACandidate() {
        assertThat(reports()
                        .read("deepseek-flash", LAST_WEEK, TENANTS, route -> 0)
                        .block())
                .isNull();
    }

    private void equal() {
        for (int i = 0; i < 250; i++) {
            add(Variant.CANDIDATE, Outcome.COMPLETED, Finish.STOP, 300 + i % 50, 40, 50_000);
            add(Variant.STABLE, Outcome.COMPLETED, Finish.STOP, 300 + i % 50, 40, 50_000);
        }
    }

    private RolloutReports reports() {
        return new RolloutReports(catalog, new UsageReport(ledgers.ledger), () -> NOON);
    }

    private RolloutReport report() {
        flush();
        return reports().read("fast", LAST_WEEK, TENANTS, route -> window).block();
    }

    private static Measured measure(RolloutReport report, String name) {
        return report.measures().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void surrounds(Figure figure, double value) {
        assertThat(figure.value()).isBetween(0.99 * value, 1.01 * value);
        assertThat(figure.low()).isLessThan(value);
        assertThat(figure.high()).isGreaterThan(value);
    }

    private final List<CallRecord> waiting = new ArrayList<>();

    private void flush() {
        ledgers.ledger.add(waiting);
        waiting.clear();
    }

    /** A stream of search, each a second after the one before. */
    private void add(Variant variant, Outcome outcome, Finish finish, long firstMillis, long output, long cost) {
        boolean failed = outcome == Outcome.FAILED;
        waiting.add(call(
                "search",
                NOON.minusSeconds(3600 - calls++),
                variant == Variant.STABLE ? "deepseek-flash" : "deepseek-next",
                outcome,
                new TokenUsage(64, 36, output, 0, false),
                cost,
                Duration.ofMillis(firstMillis),
                variant,
                failed ? null : finish,
                0));
    }

    private static CallRecord call(
            String tenant, Instant start, String slug, Variant variant, long input, int parameters) {
        return call(
                tenant,
                start,
                slug,
                Outcome.COMPLETED,
                new TokenUsage(0, input, 10, 0, false),
                1L,
                Duration.ofMillis(300),
                variant,
                Finish.STOP,
                parameters);
    }

    private static CallRecord call(
            String tenant,
            Instant start,
            String slug,
            Outcome outcome,
            TokenUsage tokens,
            long cost,
            Duration firstToken,
            Variant variant,
            Finish finish,
            int parameters) {
        boolean failed = outcome == Outcome.FAILED;
        return new CallRecord(
                UUID.randomUUID().toString(),
                tenant,
                "k1",
                "chat",
                "fast",
                slug,
                "deepseek",
                1,
                slug,
                true,
                outcome,
                failed ? 502 : 200,
                failed ? "upstream_unavailable" : null,
                tokens,
                cost,
                start,
                Duration.ofSeconds(3),
                firstToken,
                Duration.ofMillis(1),
                variant,
                false,
                finish,
                parameters,
                SpanContext.getInvalid());
    }

    private static LiveCatalog catalog() {
        Map<String, Object> all = new HashMap<>();
        String alias = "gateway.catalog.aliases.fast.";
        all.put("gateway.catalog.upstreams.deepseek.base-url", "http://127.0.0.1:1");
        all.put("gateway.catalog.upstreams.deepseek.api-key", "sk-1");
        all.put(alias + "slug", "deepseek-flash");
        all.put(alias + "force.thinking", "disabled");
        all.put(alias + "candidate.slug", "deepseek-next");
        all.put(alias + "candidate.share", 10);
        all.put(alias + "candidate.force.thinking", "enabled");
        all.put(alias + "candidate.guard.calls", 100);
        all.put("gateway.catalog.peaks.night.factor", 2);
        all.put("gateway.catalog.peaks.night.days", "monday, tuesday, wednesday, thursday, friday");
        all.put("gateway.catalog.peaks.night.hours", "01:00-04:00");
        price(all, "deepseek-flash", 1, "night");
        price(all, "deepseek-next", 3, null);
        return new LiveCatalog(new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("gateway.catalog", CatalogProperties.class));
    }

    private static void price(Map<String, Object> all, String slug, int dollars, String peak) {
        String row = "gateway.catalog.prices." + slug + "[0].";
        all.put(row + "from", "2026-11-01T00:00:00Z");
        all.put(row + "input-cached", dollars);
        all.put(row + "input-uncached", dollars);
        all.put(row + "output", dollars);
        if (peak != null) {
            all.put(row + "peak", peak);
        }
    }
}

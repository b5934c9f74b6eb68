package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.catalog.Canary;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.Variant;
import io.deepgate.relay.Finish;
import io.deepgate.usage.Guard.Measure;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Twenty seeds of what calls may be like: the guard finds each that is worse, and none that is not. */
class GuardTests {

    private static final int SEEDS = 20;
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    /**
     * What calls to a model are like.
     *
     * @param failing the share of them that fail
     * @param cut the share of answers that are cut off
     * @param firstToken the median, milliseconds
     * @param cost the median, nanodollars
     */
    private record Model(double failing, double cut, double firstToken, double cost) {

        private static final Model STABLE = new Model(0.005, 0.02, 300, 50_000);

        CallRecord call(Variant variant, Random random) {
            boolean fails = random.nextDouble() < failing;
            Finish finish = random.nextDouble() < cut ? Finish.LENGTH : Finish.STOP;
            Duration first = Duration.ofNanos((long) (1e6 * firstToken * Math.exp(0.6 * random.nextGaussian())));
            return Records.meant(
                    variant,
                    fails ? Outcome.FAILED : Outcome.COMPLETED,
                    fails ? null : finish,
                    fails ? null : first,
                    (long) (cost * Math.exp(random.nextGaussian())));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ERRORS, 3000, 0.03, 0.02, 300, 50000",
        "ERRORS, 200, 0.5, 0.02, 300, 50000",
        "INCOMPLETE, 800, 0.005, 0.10, 300, 50000",
        "FIRST_TOKEN, 800, 0.005, 0.02, 700, 50000",
        "COST, 800, 0.005, 0.02, 300, 125000"
    })
    void stopsACandidateThatIsWorseWithinSoManyCalls(
            Measure measure, int within, double failing, double cut, double firstToken, double cost) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Canary canary = canary("share", 5);

            Run run = run(canary, new Model(failing, cut, firstToken, cost), seed, within);

            assertThat(run.finding).as("seed %s", seed).isNotNull();
            assertThat(run.finding.measure())
                    .as("seed %s: %s", seed, run.finding)
                    .isEqualTo(measure);
            assertThat(canary.share()).isZero();
            assertThat(canary.reason()).isEqualTo(run.finding.sentence());
        }
    }

    @Test
    void isQuietWhereBothAreEqual() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Canary canary = canary("share", 5);

            Run run = run(canary, Model.STABLE, seed, 5000);

            assertThat(run.finding).as("seed %s", seed).isNull();
            assertThat(canary.share()).isEqualTo(5);
        }
    }

    @Test
    void isQuietWhereTheCandidateIsBetter() {
        Run run = run(canary("share", 5), new Model(0, 0, 100, 10_000), 1, 5000);

        assertThat(run.finding).isNull();
    }

    @Test
    void doesNotBlameTheCandidateForAnHourThatIsSlowForAll() {
        Canary canary = canary("share", 5);
        CanaryWatch watch = new CanaryWatch(canary, NOON);
        Random random = new Random(1);
        Model slow = new Model(0.10, 0.02, 3000, 50_000);
        for (int i = 0; i < 4000; i++) {
            Model now = i < 600 ? slow : Model.STABLE;
            // Of a hundred calls, one is the candidate's.
            for (int stable = 0; stable < 99; stable++) {
                watch.add(now.call(Variant.STABLE, random));
            }
            watch.add(now.call(Variant.CANDIDATE, random));
            assertThat(watch.look(canary, NOON)).isNull();
        }
    }

    @Test
    void findsWhatBecomesWorseLater() {
        Canary canary = canary("share", 5);
        CanaryWatch watch = new CanaryWatch(canary, NOON);
        Random random = new Random(1);
        assertThat(feed(canary, watch, Model.STABLE, random, 20_000).finding).isNull();

        Run worse = feed(canary, watch, new Model(0.10, 0.02, 300, 50_000), random, 1000);

        assertThat(worse.finding).isNotNull();
    }

    @Test
    void saysNothingOfFewCalls() {
        assertThat(run(canary("share", 5), new Model(1, 0, 300, 50_000), 1, 199).finding)
                .isNull();
        assertThat(run(canary("share", 5), new Model(1, 0, 300, 50_000), 1, 400).calls)
                .isLessThan(400);
    }

    @Test
    void allowsWhatItIsToldTo() {
        Canary canary = canary(
                "steps", "5, 50", "guard.errors", 1, "guard.incomplete", 1, "guard.cost", 0, "guard.first-token", 0);

        assertThat(run(canary, new Model(0.3, 0.9, 9000, 900_000), 1, 1000).finding)
                .isNull();
    }

    @Test
    void countsFailoversAsErrorsAndForgetsClientsThatLeft() {
        Window window = new Window(10);
        CallRecord completed =
                Records.meant(Variant.CANDIDATE, Outcome.COMPLETED, Finish.EMPTY, Duration.ofMillis(5), 7L);
        window.add(completed);
        window.add(Records.completed());
        window.add(Records.meant(Variant.CANDIDATE, Outcome.CANCELLED, null, Duration.ofMillis(3), 9L));

        Side side = window.side();
        assertThat(side.calls()).isEqualTo(2);
        assertThat(side.errors()).as("failed over").isEqualTo(1);
        assertThat(side.completed()).isEqualTo(1);
        assertThat(side.incomplete()).isEqualTo(1);
        assertThat(side.firstTokens()).containsExactly(3e6, 5e6);
        assertThat(side.costs()).containsExactly(7);
    }

    @Test
    void letsACandidateThatHoldsGoOnStepByStep() {
        Canary canary = canary("steps", "1, 5, 100", "step-calls", 300, "step-time", "10m");
        CanaryWatch watch = new CanaryWatch(canary, NOON);
        Random random = new Random(1);

        feed(canary, watch, Model.STABLE, random, 1000);
        assertThat(canary.share()).as("before its time").isEqualTo(1);
        watch.look(canary, NOON.plusSeconds(600));
        assertThat(canary.share()).isEqualTo(5);
        watch.look(canary, NOON.plusSeconds(6000));
        assertThat(canary.share()).as("before its calls").isEqualTo(5);
        feed(canary, watch, Model.STABLE, random, 300);
        watch.look(canary, NOON.plusSeconds(6000));
        assertThat(canary.share()).isEqualTo(100);

        for (int i = 0; i < 2000 && !canary.stopped(); i++) {
            watch.add(new Model(0.2, 0.02, 300, 50_000).call(Variant.CANDIDATE, random));
            watch.look(canary, NOON.plusSeconds(7000));
        }
        assertThat(canary.stopped())
                .as("with all calls at it, beside what stable was")
                .isTrue();
    }

    @Test
    void letsNoneGoOnThatItKnowsNothingOf() {
        Canary canary = canary("steps", "50, 100", "step-calls", 100, "step-time", "0s", "guard.calls", 200);
        CanaryWatch watch = new CanaryWatch(canary, NOON);

        feed(canary, watch, Model.STABLE, new Random(1), 199);
        assertThat(canary.share()).isEqualTo(50);
        feed(canary, watch, Model.STABLE, new Random(1), 10);
        assertThat(canary.share()).isEqualTo(100);
    }

    private record Run(Guard.Finding finding, int calls) {}

    private static Run run(Canary canary, Model candidate, int seed, int calls) {
        return feed(canary, new CanaryWatch(canary, NOON), candidate, new Random(seed), calls);
    }

    /** Has so many calls end, five of stable's with each, and the guard look after each, until it finds something. */
    private static Run feed(Canary canary, CanaryWatch watch, Model candidate, Random random, int calls) {
        for (int i = 1; i <= calls; i++) {
            watch.add(candidate.call(Variant.CANDIDATE, random));
            for (int stable = 0; stable < 5; stable++) {
                watch.add(Model.STABLE.call(Variant.STABLE, random));
            }
            Guard.Finding finding = watch.look(canary, NOON);
            if (finding != null) {
                return new Run(finding, i);
            }
        }
        return new Run(null, calls);
    }

    static Canary canary(Object... properties) {
        return new Catalog(catalog(properties)).canaries().get("fast");
    }

    /** The alias {@code fast} with a candidate of these properties, each a name and a value. */
    static CatalogProperties catalog(Object... properties) {
        Map<String, Object> all = new HashMap<>();
        all.put("gateway.catalog.upstreams.deepseek.base-url", "http://127.0.0.1:1");
        all.put("gateway.catalog.upstreams.deepseek.api-key", "sk-1");
        all.put("gateway.catalog.aliases.fast.slug", "deepseek-flash");
        all.put("gateway.catalog.aliases.fast.candidate.slug", "deepseek-next");
        for (int i = 0; i < properties.length; i += 2) {
            all.put("gateway.catalog.aliases.fast.candidate." + properties[i], properties[i + 1]);
        }
        return new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("gateway.catalog", CatalogProperties.class);
    }
}

package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.LogLines;
import io.deepgate.catalog.Canary;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Variant;
import io.deepgate.relay.Finish;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Replicas that each see a part of the calls, and share a ledger. */
class RolloutsTests {

    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final Ledgers ledgers = new Ledgers(Ledgers.newH2());
    private final List<Replica> replicas = new ArrayList<>();
    private final LogLines log = LogLines.of(Rollouts.class);

    /** One process. */
    private final class Replica {

        private final LiveCatalog catalog = new LiveCatalog(
                GuardTests.catalog("steps", "5, 50", "step-calls", 100, "step-time", "0s", "guard.calls", 100));
        private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        private final Rollouts rollouts = new Rollouts(catalog, new RolloutStore(ledgers.ledger), meters, () -> NOON);

        Replica() {
            replicas.add(this);
        }

        Canary canary() {
            return catalog.current().canaries().get("fast");
        }

        /** So many calls of the candidate's end, and as many of stable's. */
        void sees(int calls, Outcome outcome) {
            for (int i = 0; i < calls; i++) {
                rollouts.add(call(Variant.CANDIDATE, outcome));
                rollouts.add(call(Variant.STABLE, Outcome.COMPLETED));
            }
            rollouts.look();
        }

        private CallRecord call(Variant variant, Outcome outcome) {
            return Records.meant(variant, outcome, Finish.STOP, Duration.ofMillis(300), 50_000L);
        }

        double gauge(String name) {
            return meters.get("gateway.usage.candidate." + name)
                    .tag("alias", "fast")
                    .gauge()
                    .value();
        }
    }

    @AfterEach
    void ends() {
        replicas.forEach(replica -> replica.rollouts.destroy());
        ledgers.close();
        log.close();
    }

    @Test
    void followWhoHasStoppedTheCandidate() {
        Replica one = new Replica();
        Replica other = new Replica();

        one.sees(150, Outcome.FAILED);
        other.rollouts.look();

        assertThat(one.canary().stopped()).isTrue();
        assertThat(other.canary().reason()).isEqualTo(one.canary().reason());
        assertThat(one.gauge("stopped")).isEqualTo(1);
        assertThat(one.gauge("share")).isZero();
        assertThat(one.meters
                        .get("gateway.usage.candidate.stops")
                        .tags("alias", "fast", "measure", "errors")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(log.texts())
                .anyMatch(
                        line -> line.matches("WARN Stopped the candidate of 'fast' at 5.0 %: 100.0 % of its calls fail"
                                + " and 0.0 % of stable's: at least \\d+\\.\\d points more, where 0.5 are allowed"))
                .anyMatch(line -> line.startsWith("WARN The candidate of 'fast' has been stopped by another replica,"
                        + " or before this one started: 100.0 % of its calls fail"));
    }

    @Test
    void rememberWhatWasStoppedWhenTheyStart() {
        new Replica().sees(150, Outcome.FAILED);

        Replica later = new Replica();
        later.rollouts.look();

        assertThat(later.canary().share()).isZero();
    }

    @Test
    void followWhoIsFurthest() {
        Replica one = new Replica();
        Replica other = new Replica();

        one.sees(150, Outcome.COMPLETED);
        other.rollouts.look();

        assertThat(one.canary().share()).isEqualTo(50);
        assertThat(other.canary().share()).isEqualTo(50);
        assertThat(other.gauge("stopped")).isZero();
        other.sees(150, Outcome.FAILED);
        one.rollouts.look();
        assertThat(one.canary().stopped()).isTrue();
    }

    @Test
    void decideEachForThemselvesWhileTheLedgerIsAway() {
        Replica one = new Replica();
        ledgers.close();

        one.sees(150, Outcome.FAILED);

        assertThat(one.canary().stopped()).isTrue();
    }

    @Test
    void forgetNothingWhenTheGuardIsTuned() {
        Replica one = new Replica();
        one.sees(150, Outcome.COMPLETED);

        one.catalog.adopt(GuardTests.catalog(
                "steps", "5, 50", "step-calls", 100, "step-time", "0s", "guard.calls", 100, "guard.errors", "0.1"));
        one.rollouts.look();

        assertThat(one.canary().share()).isEqualTo(50);
        one.sees(150, Outcome.FAILED);
        assertThat(one.canary().reason()).endsWith("where 10.0 are allowed");
    }
}

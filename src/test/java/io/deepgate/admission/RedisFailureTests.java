package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.AtRest;
import io.deepgate.RedisServer;
import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.admission.AdmissionProperties.Redis.Unavailable;
import io.deepgate.admission.LimitExceededException.Limit;
import io.lettuce.core.KillArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class RedisFailureTests {

    @RegisterExtension
    private final RedisServer redis = new RedisServer();

    /** Half of it is what each of two replicas may admit. */
    private final Tenant tenant = tenant(new Limits(10L, null, 4L), Budget.NONE);

    private static final Duration MOST_WAIT = AdmissionPropertiesTests.redis().timeout();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private RedisForm form;

    @AfterEach
    void closes() {
        if (form != null) {
            form.close();
        }
        redis.kill();
    }

    @Test
    void isDownAtTheStart(CapturedOutput log) {
        form = replica(Unavailable.SHARE);

        assertFallsBack(log, Wait.NONE);

        redis.start();
        assertComesBack(log);
    }

    @Test
    void diesAndComesBackEmpty(CapturedOutput log) {
        redis.start();
        form = replica(Unavailable.SHARE);
        admit().settle(used(1));

        redis.kill();

        assertFallsBack(log, Wait.NONE);
        redis.start();
        assertComesBack(log);
    }

    @Test
    void hangs(CapturedOutput log) {
        redis.start();
        form = replica(Unavailable.SHARE);
        admit().settle(used(1));

        redis.freeze();

        assertFallsBack(log, Wait.WHOLE);
        redis.thaw();
        assertComesBack(log);
        assertNothingIsHeld();
    }

    @Test
    void isPaused(CapturedOutput log) {
        redis.start();
        form = replica(Unavailable.SHARE);
        admit().settle(used(1));

        redis.commands().clientPause(1500);

        assertFallsBack(log, Wait.WHOLE);
        assertComesBack(log);
        assertNothingIsHeld();
    }

    @Test
    void listensButNeverAnswers(CapturedOutput log) throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            form = new RedisForm(
                    mute.getLocalPort(), Duration.ofSeconds(3), Unavailable.SHARE, Clocks.SYSTEM, registry);

            assertFallsBack(log, Wait.NONE);
        }
    }

    @Test
    void isAReplicaThatCannotBeWrittenTo(CapturedOutput log) {
        redis.start();
        form = replica(Unavailable.SHARE);
        redis.commands().replicaof("127.0.0.1", 1);

        assertFallsBack(log, Wait.NONE);

        redis.commands().replicaofNoOne();
        assertComesBack(log);
    }

    @Test
    void hasNoMemoryLeft(CapturedOutput log) {
        redis.start();
        form = replica(Unavailable.SHARE);
        Reservation open = admit();
        redis.commands().configSet("maxmemory", "1");

        assertFallsBack(log, Wait.NONE);

        assertThat(log.getOut()).contains("Redis fails (OOM ");
        open.settle(used(1));
        AtRest.within(Duration.ofSeconds(5), () -> leases() == 0);
        redis.commands().configSet("maxmemory", "0");
        assertComesBack(log);
        assertNothingIsHeld();
    }

    @Test
    void asksForAPasswordThatNobodyHas(CapturedOutput log) {
        redis.start();
        form = replica(Unavailable.SHARE);
        RedisCommands<String, String> admin = redis.commands();
        admin.configSet("requirepass", "secret");
        admin.clientKill(KillArgs.Builder.skipme());

        assertFallsBack(log, Wait.NONE);

        admin.configSet("requirepass", "");
        assertComesBack(log);
    }

    @Test
    void losesItsData() {
        redis.start();
        form = replica(Unavailable.SHARE);
        Tenant budgeted = new Tenant(
                "mail", List.of("*"), Limits.NONE, new Budget(null, null, 1000L, ZoneOffset.UTC), 1, false, false);
        admit(budgeted).settle(used(1000));
        form.settled();
        Reservation open = admit();

        redis.commands().flushall();
        redis.commands().scriptFlush();

        // What this replica knows is told to the Redis that forgot; the first to be asked.
        assertThatExceptionOfType(LimitExceededException.class)
                .isThrownBy(() -> form.limiter
                        .open(budgeted)
                        .claim(0, 1, LimiterContract.LOOP)
                        .block())
                .satisfies(refusal -> assertThat(refusal.limit()).isEqualTo(Limit.BUDGET));
        AtRest.within(Duration.ofSeconds(10), () -> leases() == 1);
        open.settle(used(1));
        assertNothingIsHeld();
        assertThat(fallback()).isZero();
    }

    @Test
    void flaps() {
        redis.start();
        form = replica(Unavailable.SHARE);
        for (int i = 0; i < 3; i++) {
            redis.kill();
            AtRest.within(Duration.ofSeconds(10), () -> {
                nanosOfAnAdmission();
                return fallback() == 1;
            });
            redis.start();
            AtRest.within(Duration.ofSeconds(15), () -> fallback() == 0);
        }
        assertNothingIsHeld();
    }

    @Test
    void refusesAllWhereThatIsThePolicy() {
        form = replica(Unavailable.CLOSED);

        assertThatThrownBy(this::admit).isInstanceOf(LimitsUnknownException.class);
    }

    @Test
    void admitsAllWhereThatIsThePolicy() {
        form = replica(Unavailable.OPEN);

        for (int i = 0; i < 30; i++) {
            admit().settle(used(1));
        }
    }

    @Test
    void enforcesItsShareOfWhatTheLivingReplicasHad() {
        redis.start();
        try (RedisForm other = replica(Unavailable.SHARE)) {
            form = replica(Unavailable.SHARE);
            assertThat(form.replica.replicas()).isEqualTo(2);
            redis.kill();
            AtRest.within(Duration.ofSeconds(10), () -> fallback() == 1 && !form.state.isUsable());

            admit();
            admit();
            assertThatThrownBy(this::admit).hasMessageContaining("concurrent requests");
        }
        for (int i = 0; i < 2; i++) {
            form.limiter
                    .open(unlimitedInFlight())
                    .claim(0, 1, LimiterContract.LOOP)
                    .block();
        }
    }

    @Test
    void enforcesItsShareOfPlacesForCallsThatWereOpenWhenRedisFailed() {
        redis.start();
        try (RedisForm other = replica(Unavailable.SHARE)) {
            form = replica(Unavailable.SHARE);
            List<Reservation> open =
                    Stream.generate(() -> form.limiter.open(tenant)).limit(3).toList();
            redis.kill();

            for (Reservation call : open) {
                assertThatThrownBy(() -> call.claim(0, 1, LimiterContract.LOOP).block())
                        .hasMessageContaining("concurrent requests");
            }
            open.getFirst().cancel();
            open.get(1).claim(0, 1, LimiterContract.LOOP).block();
            assertThat(undecided()).isEqualTo(4);
        }
    }

    @Test
    void doesNotDecideForACallOfWhichRedisSaidAMomentAgoThatAllPlacesAreTaken() {
        redis.start();
        try (RedisForm other = new RedisForm(
                redis.port(), Duration.ofSeconds(15), Unavailable.SHARE, Clocks.SYSTEM, new SimpleMeterRegistry())) {
            form = new RedisForm(
                    redis.port(),
                    Duration.ofSeconds(3),
                    Unavailable.SHARE,
                    new Clocks(() -> 1, InstantSource.system()),
                    registry);
            for (int i = 0; i < 4; i++) {
                other.limiter.open(tenant).claim(0, 1, LimiterContract.LOOP).block();
            }
            assertThatThrownBy(this::admit).hasMessageContaining("concurrent requests");
            Reservation call = form.limiter.open(tenant);

            redis.freeze();

            assertThatThrownBy(() -> call.claim(0, 1, LimiterContract.LOOP).block())
                    .hasMessageContaining("concurrent requests");
            assertThat(undecided()).isOne();
            call.cancel();
            redis.thaw();
        }
    }

    @Test
    void reclaimsTheCallsOfAReplicaThatDied() {
        redis.start();
        RedisForm dying = replica(Unavailable.SHARE);
        for (int i = 0; i < 4; i++) {
            dying.limiter.open(tenant).claim(0, 1, LimiterContract.LOOP).block();
        }
        form = replica(Unavailable.SHARE);
        AtRest.within(Duration.ofSeconds(1), () -> leases() == 4);
        assertThatThrownBy(this::admit).hasMessageContaining("concurrent requests");

        dying.close();

        AtRest.every(Duration.ofMillis(100), Duration.ofSeconds(20), () -> {
            try {
                admit();
                return true;
            } catch (LimitExceededException e) {
                return false;
            }
        });
    }

    @Test
    void keepsTheLeaseOfACallThatTakesLongerThanIt() {
        redis.start();
        form = replica(Unavailable.SHARE);
        Reservation call = admit();
        String lease =
                redis.commands().zrange(RedisCalls.callsKey("search"), 0, -1).getFirst();
        double until = redis.commands().zscore(RedisCalls.callsKey("search"), lease);

        AtRest.within(
                Duration.ofSeconds(3), () -> redis.commands().zscore(RedisCalls.callsKey("search"), lease) > until);

        call.settle(used(1));
        assertNothingIsHeld();
    }

    /** How long calls wait for a Redis that fails, until the breaker before it opens. */
    private enum Wait {
        NONE,
        WHOLE
    }

    /** Medians: one call may wait for the machine instead. */
    private void assertFallsBack(CapturedOutput log, Wait wait) {
        double undecided = undecided();
        List<Long> waits = new ArrayList<>();
        AtRest.within(Duration.ofSeconds(10), () -> {
            waits.add(nanosOfAnAdmission());
            return fallback() == 1;
        });
        if (wait == Wait.WHOLE) {
            assertThat(median(waits))
                    .isBetween(MOST_WAIT.toNanos(), MOST_WAIT.plusMillis(25).toNanos());
            assertThat(failed().count()).as("metered").isEqualTo(waits.size());
            assertThat(failed().mean(TimeUnit.MILLISECONDS)).isBetween(50.0, 75.0);
        } else {
            assertThat(median(waits)).isLessThan(MOST_WAIT.toNanos() / 2);
        }
        assertThat(form.state.isUsable()).isFalse();
        assertThat(medianOfAdmissions()).isLessThan(Duration.ofMillis(10).toNanos());
        assertThat(undecided()).isGreaterThan(undecided);
        assertThat(log.getOut().split("Redis fails", -1))
                .as("lines that say so")
                .hasSize(2);
    }

    private long medianOfAdmissions() {
        return median(Stream.generate(this::nanosOfAnAdmission).limit(9).toList());
    }

    private static long median(List<Long> nanos) {
        return nanos.stream().sorted().toList().get(nanos.size() / 2);
    }

    private double undecided() {
        return registry.get("gateway.admission.undecided").counter().count();
    }

    /** How long calls waited that were then decided without Redis. */
    private Timer failed() {
        return registry.get("gateway.admission.redis.duration")
                .tag("result", "failed")
                .timer();
    }

    private void assertComesBack(CapturedOutput log) {
        AtRest.within(
                Duration.ofSeconds(15), () -> fallback() == 0 && log.getOut().contains("Redis answers again"));
        assertThat(log.getOut().split("Redis answers again", -1)).hasSize(2);
        assertThat(log.getOut().split("Redis fails", -1)).hasSize(2);
    }

    private void assertNothingIsHeld() {
        AtRest.within(Duration.ofSeconds(15), () -> leases() == 0);
    }

    private long leases() {
        return redis.commands().zcard(RedisCalls.callsKey("search"));
    }

    /**
     * Whether or not it is admitted. It is decided before a timer of 50 ms fires that is set on the same thread after it has
     * asked, so that nothing but that timer's time is waited for, however late a busy machine makes both.
     */
    private long nanosOfAnAdmission() {
        CompletableFuture<Long> decided = new CompletableFuture<>();
        LimiterContract.LOOP.execute(() -> {
            long start = System.nanoTime();
            try {
                Reservation call = form.limiter.open(tenant);
                call.claim(0, 1, LimiterContract.LOOP)
                        .doFinally(end -> {
                            decided.complete(System.nanoTime() - start);
                            call.settle(used(0));
                        })
                        .subscribe(nothing -> {}, refusal -> {});
                LimiterContract.LOOP.schedule(
                        () -> decided.completeExceptionally(new AssertionError("not decided within " + MOST_WAIT)),
                        MOST_WAIT.toMillis(),
                        TimeUnit.MILLISECONDS);
            } catch (LimitExceededException e) {
                decided.complete(System.nanoTime() - start);
            }
        });
        return decided.join();
    }

    private double fallback() {
        return registry.get("gateway.admission.fallback").gauge().value();
    }

    private RedisForm replica(Unavailable policy) {
        return new RedisForm(redis.port(), Duration.ofSeconds(3), policy, Clocks.SYSTEM, registry);
    }

    private Reservation admit() {
        return admit(tenant);
    }

    private Reservation admit(Tenant tenant) {
        Reservation call = form.limiter.open(tenant);
        try {
            call.claim(0, 1, LimiterContract.LOOP).block();
            return call;
        } catch (RuntimeException e) {
            call.cancel();
            throw e;
        }
    }

    private static Used used(long tokens) {
        return new Used(tokens, 0, false, null);
    }

    private static Tenant unlimitedInFlight() {
        return new Tenant("mail", List.of("*"), new Limits(10L, null, null), Budget.NONE, 1, false, false);
    }

    private static Tenant tenant(Limits limits, Budget budget) {
        return new Tenant("search", List.of("*"), limits, budget, 1, false, false);
    }
}

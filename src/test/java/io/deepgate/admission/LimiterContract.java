package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.admission.LimitExceededException.Limit;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.DefaultEventLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What holds wherever limits are counted. */
abstract class LimiterContract {

    static final int CLAIM = 100;
    static final ScheduledExecutorService LOOP = new DefaultEventLoop();

    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Budget DAY = new Budget(5_000_000_000L, null, null, ZoneId.of("Asia/Shanghai"));

    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final AtomicLong shift = new AtomicLong();
    final Clocks clocks = new Clocks(
            () -> System.nanoTime() + shift.get(), () -> Instant.now().plusNanos(shift.get()));
    private final String name = "tenant-" + NAMES.incrementAndGet();

    abstract Limiter limiter();

    /** Lets time pass. */
    abstract void pass(String tenant, Duration time);

    /** Waits until what was settled has taken effect. */
    abstract void settled();

    @Test
    void refusesWhenRequestsAreSpentUntilTheyAreThereAgain() {
        Tenant tenant = tenant(new Limits(3L, null, null));
        admit(tenant, 3);

        LimitExceededException refusal = refused(tenant, Limit.REQUESTS);

        assertThat(refusal).hasMessageContaining("has 3 requests per minute");
        assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(20));
        pass(tenant.id(), Duration.ofSeconds(21));
        admit(tenant, 1);
        refused(tenant, Limit.REQUESTS);
    }

    @Test
    void claimsThePromptAndTheCompletionAndSettlesThem() {
        Tenant tenant = tenant(new Limits(null, 60_000L, null));
        Reservation call = claim(tenant, 20_000, 50);
        assertTokensLeft(tenant, 39_950);

        call.settle(used(30_000));
        settled();

        assertTokensLeft(tenant, 30_000);
        call.settle(used(5));
        call.cancel();
        settled();
        assertTokensLeft(tenant, 30_000);
    }

    @Test
    void makesDebtThatDelaysLaterCalls() {
        Tenant tenant = tenant(new Limits(null, 60_000L, null));
        claim(tenant, 20_000, 50).settle(used(90_000));
        settled();

        assertThat(refused(tenant, Limit.TOKENS).retryAfter())
                .isBetween(Duration.ofSeconds(25), Duration.ofSeconds(31));
        pass(tenant.id(), Duration.ofSeconds(32));
        admit(tenant, 1);
    }

    @Test
    void claimsNothingForACallThatIsRefused() {
        Tenant tenant = tenant(new Limits(2L, 60_000L, 2L));
        Reservation first = claim(tenant, 59_000, 50);
        LimitExceededException refusal = refused(tenant, 5000, Limit.TOKENS);
        assertThat(refusal).hasMessageContaining("asked for 5001 more");
        first.settle(used(0));
        settled();

        admit(tenant, 1);

        assertTokensLeft(tenant, 59_999);
        refused(tenant, Limit.REQUESTS);
    }

    @Test
    void givesAllBackOnCancel() {
        Tenant tenant = tenant(new Limits(1L, 60_000L, 1L), new Budget(null, null, 70_000L, ZoneOffset.UTC));
        for (int i = 0; i < 3; i++) {
            claim(tenant, 59_000, 50).cancel();
            settled();
        }

        admit(tenant, 1);

        assertTokensLeft(tenant, 59_999);
    }

    @Test
    void letsACallIntoAFullBucketThatIsLargerThanIt() {
        Tenant tenant = tenant(new Limits(null, 600L, null));

        claim(tenant, 5000, 100);

        assertThat(refused(tenant, Limit.TOKENS).retryAfter()).isGreaterThan(Duration.ofSeconds(400));
    }

    @Test
    void hasNoMoreInFlightThanTheLimit() {
        Tenant tenant = tenant(new Limits(null, null, 2L));
        Reservation first = admit(tenant, 2);
        assertThat(refused(tenant, Limit.CONCURRENCY)).hasMessageContaining("All 2 concurrent requests");

        first.settle(used(1));
        settled();

        admit(tenant, 1);
        refused(tenant, Limit.CONCURRENCY);
    }

    @Test
    void refusesWhenTheBudgetIsSpentUntilItRenews() {
        Tenant tenant = tenant(Limits.NONE, DAY);
        admit(tenant, 1).settle(new Used(7, 0, false, 5_000_000_000L));
        settled();

        LimitExceededException refusal = refused(tenant, Limit.BUDGET);

        assertThat(refusal)
                .hasMessageContaining("5.0 US dollars a day is spent")
                .hasMessageContaining("+08:00");
        assertThat(limiter().rateLimits(tenant).budgetWarning()).startsWith("usd-per-day; used=0.95; renews=");
        pass(tenant.id(), refusal.retryAfter().plusSeconds(1));
        admit(tenant, 1);
    }

    @Test
    void countsTokensADay() {
        Tenant tenant = tenant(Limits.NONE, new Budget(null, null, 1000L, ZoneOffset.UTC));
        claim(tenant, 900, 99);
        claim(tenant, 0, 1);

        refused(tenant, Limit.BUDGET);
    }

    @Test
    void restoresWhatWasSpentBefore() {
        Tenant tenant = tenant(Limits.NONE, DAY);

        limiter().restore(tenant, (id, from) -> new Spent(5_000_000_000L, 7));

        refused(tenant, Limit.BUDGET);
    }

    @Test
    void raisesWhatIsCountedToWhatIsRecorded() {
        Tenant tenant = tenant(Limits.NONE, DAY);
        admit(tenant, 1).settle(new Used(7, 0, false, 3_000_000_000L));
        settled();
        limiter().restore(tenant, (id, from) -> new Spent(3_000_000_000L, 7));
        settled();
        admit(tenant, 1);

        limiter().restore(tenant, (id, from) -> new Spent(5_000_000_000L, 7));
        settled();

        refused(tenant, Limit.BUDGET);
    }

    @Test
    void letsThroughInShadowModeWhatItWouldRefuse() {
        Tenant tenant = new Tenant(
                name,
                List.of("*"),
                new Limits(1L, 10L, 1L),
                new Budget(null, null, 1L, ZoneOffset.UTC),
                1,
                true,
                false);

        admit(tenant, 2);

        for (String limit : List.of("concurrency", "requests", "budget")) {
            assertThat(counted("shadowed", limit)).as(limit).isPositive();
            assertThat(counted("rejected", limit)).as(limit).isZero();
        }
    }

    @Test
    void startsANewBucketForALimitThatChanges() {
        admit(tenant(new Limits(1L, null, null)), 1);
        Reservation old = null;
        Tenant changed = tenant(new Limits(5L, 600L, null));
        old = admit(changed, 5);
        refused(changed, Limit.REQUESTS);

        Tenant again = tenant(new Limits(7L, 600L, null));
        admit(again, 7);
        old.cancel();
        settled();

        refused(again, Limit.REQUESTS);
    }

    @Test
    void admitsNoMoreThanTheLimitWhateverComesAtOnce() throws Exception {
        Tenant tenant = tenant(new Limits(50L, null, 400L));
        AtomicInteger admitted = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                all.add(() -> {
                    try {
                        admit(tenant, 1);
                        admitted.incrementAndGet();
                    } catch (LimitExceededException e) {
                        assertThat(e.limit()).isEqualTo(Limit.REQUESTS);
                    }
                    return null;
                });
            }
            for (Future<Void> end : threads.invokeAll(all)) {
                end.get();
            }
        }

        assertThat(admitted.get()).isBetween(50, 51);
    }

    private Tenant tenant(Limits limits) {
        return tenant(limits, Budget.NONE);
    }

    private Tenant tenant(Limits limits, Budget budget) {
        return new Tenant(name, List.of("*"), limits, budget, 1, false, false);
    }

    /** The last of so many, each of which claims a token. */
    Reservation admit(Tenant tenant, int times) {
        for (int i = 1; i < times; i++) {
            claim(tenant, 0, 1);
        }
        return claim(tenant, 0, 1);
    }

    private Reservation claim(Tenant tenant, long promptTokens, long maxTokens) {
        Reservation call = limiter().open(tenant);
        try {
            call.claim(promptTokens, maxTokens, LOOP).block();
            return call;
        } catch (LimitExceededException e) {
            call.cancel();
            throw e;
        }
    }

    private LimitExceededException refused(Tenant tenant, Limit limit) {
        return refused(tenant, 0, limit);
    }

    private LimitExceededException refused(Tenant tenant, long promptTokens, Limit limit) {
        LimitExceededException refusal =
                catchThrowableOfType(LimitExceededException.class, () -> claim(tenant, promptTokens, 1));
        assertThat(refusal).as("refusal by %s", limit).isNotNull();
        assertThat(refusal.limit()).isEqualTo(limit);
        return refusal;
    }

    /** What time adds while the test runs is less than a second's worth. */
    private void assertTokensLeft(Tenant tenant, long tokens) {
        assertThat(limiter().rateLimits(tenant).tokens().remaining()).isBetween(tokens, tokens + 1000);
    }

    private double counted(String what, String limit) {
        return registry.get("gateway.admission." + what)
                .tags("tenant", name, "limit", limit)
                .counter()
                .count();
    }

    private static Used used(long tokens) {
        return new Used(tokens, 0, false, null);
    }
}

package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.admission.LimitExceededException.Limit;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.DefaultEventLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MemoryLimiterTests {

    /** Nothing waits here. */
    private static final ScheduledExecutorService LOOP = new DefaultEventLoop();

    private static final int CLAIM = 100;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Limiter limiter = new MemoryLimiter(new TenantLimiters(
            AdmissionPropertiesTests.claiming(CLAIM), new Clocks(this::nanos, this::wall), registry));
    private long now = 42;
    private Instant wall = Instant.parse("2026-11-24T21:30:00Z");

    @Nested
    class Requests {

        private final Tenant tenant = tenant(new Limits(3L, null, null));

        @Test
        void refusesWhenRequestsAreSpent() {
            admit(tenant, 3);

            LimitExceededException refusal = refused(tenant, Limit.REQUESTS);

            assertThat(refusal).hasMessageContaining("has 3 requests per minute and asked for 1 more");
            assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(20));
            assertThat(refusal.getStackTrace()).isEmpty();
        }

        @Test
        void admitsAgainWhenItSaidItWould() {
            admit(tenant, 3);
            Duration wait = refused(tenant, Limit.REQUESTS).retryAfter();
            pass(wait.minusNanos(2));
            refused(tenant, Limit.REQUESTS);
            pass(Duration.ofNanos(2));

            admit(tenant, 1);

            refused(tenant, Limit.REQUESTS);
        }

        @Test
        void keepsTheRequestOfASettledCall() {
            admit(tenant, 3).settle(used(10));

            refused(tenant, Limit.REQUESTS);
        }

        @Test
        void givesTheRequestOfACancelledCallBack() {
            admit(tenant, 3).cancel();

            admit(tenant, 1);

            refused(tenant, Limit.REQUESTS);
        }

        @Test
        void spendsNothingOnRefusals() {
            admit(tenant, 3);
            for (int i = 0; i < 10; i++) {
                refused(tenant, Limit.REQUESTS);
            }
            pass(Duration.ofSeconds(20));

            admit(tenant, 1);
        }

        @Test
        void limitsEachTenantByItself() {
            admit(tenant, 3);

            admit(new Tenant("mail", List.of("*"), tenant.limits(), Budget.NONE, 1, false, false), 3);
        }
    }

    @Nested
    class Tokens {

        private final Tenant tenant = tenant(new Limits(null, 600L, null));

        @Test
        void claimsThePromptAndTheCompletion() {
            claim(limiter.open(tenant), 200, 50);

            assertThat(tokensLeft(tenant)).isEqualTo(350);
        }

        @Test
        void claimsNoMoreCompletionThanIsConfigured() {
            claim(limiter.open(tenant), 200, 1_000_000);
            assertThat(tokensLeft(tenant)).isEqualTo(300);

            claim(limiter.open(tenant), 100, 0);
            assertThat(tokensLeft(tenant)).isEqualTo(100);
        }

        @Test
        void refusesWhenTokensAreSpent() {
            claim(limiter.open(tenant), 500, 50);
            Reservation second = limiter.open(tenant);

            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> claim(second, 50, 10))
                    .withMessageContaining("has 600 tokens per minute and asked for 60 more")
                    .satisfies(refusal -> assertThat(refusal.limit()).isEqualTo(Limit.TOKENS))
                    .satisfies(refusal -> assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
            assertThat(tokensLeft(tenant)).isEqualTo(50);
        }

        @Test
        void givesBackWhatWasClaimedTooMuch() {
            Reservation call = limiter.open(tenant);
            claim(call, 200, 100);

            call.settle(used(210));

            assertThat(tokensLeft(tenant)).isEqualTo(390);
        }

        @Test
        void takesWhatWasUsedBeyondTheClaim() {
            Reservation call = limiter.open(tenant);
            claim(call, 200, 100);

            call.settle(used(450));

            assertThat(tokensLeft(tenant)).isEqualTo(150);
        }

        @Test
        void makesDebtThatDelaysLaterCalls() {
            Reservation call = limiter.open(tenant);
            claim(call, 200, 100);
            call.settle(used(899));

            assertThat(tokensLeft(tenant)).isZero();
            assertThat(refused(tenant, Limit.TOKENS).retryAfter()).isEqualTo(Duration.ofSeconds(30));
            pass(Duration.ofSeconds(30));
            Reservation later = limiter.open(tenant);
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> claim(later, 10, 1))
                    .satisfies(refusal -> assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
        }

        @Test
        void settlesOnlyOnce() {
            Reservation call = limiter.open(tenant);
            claim(call, 200, 100);

            call.settle(used(100));
            call.settle(used(600));
            call.cancel();

            assertThat(tokensLeft(tenant)).isEqualTo(500);
            assertThat(inFlight(tenant)).isZero();
        }

        @Test
        void givesAllBackOnCancel() {
            Reservation call = limiter.open(tenant);
            claim(call, 200, 100);

            call.cancel();
            call.settle(used(600));

            assertThat(tokensLeft(tenant)).isEqualTo(600);
            assertThat(inFlight(tenant)).isZero();
        }

        @Test
        void letsACallIntoAFullBucketThatIsLargerThanIt() {
            Reservation call = limiter.open(tenant);

            claim(call, 5000, 100);

            assertThat(tokensLeft(tenant)).isZero();
            assertThat(refused(tenant, Limit.TOKENS).retryAfter()).isEqualTo(Duration.ofMillis(450_100));
        }

        @Test
        void settlesACallThatClaimedNothing() {
            admit(tenant, 1).settle(used(0));

            assertThat(tokensLeft(tenant)).isEqualTo(600);
        }
    }

    @Nested
    class Concurrency {

        private final Tenant tenant = tenant(new Limits(null, null, 2L));

        @Test
        void refusesWhenAllAreInFlight() {
            Reservation first = admit(tenant, 1);
            admit(tenant, 1);

            LimitExceededException refusal = refused(tenant, Limit.CONCURRENCY);

            assertThat(refusal).hasMessageContaining("All 2 concurrent requests");
            assertThat(refusal.retryAfter()).isPositive();
            first.settle(used(0));
            admit(tenant, 1);
            refused(tenant, Limit.CONCURRENCY);
        }

        @Test
        void freesTheSlotOfACancelledCall() {
            admit(tenant, 2).cancel();

            admit(tenant, 1);

            refused(tenant, Limit.CONCURRENCY);
        }

        @Test
        void takesNoRequestForACallItRefuses() {
            Tenant both = tenant(new Limits(3L, null, 1L));
            Reservation first = admit(both, 1);
            refused(both, Limit.CONCURRENCY);
            refused(both, Limit.CONCURRENCY);
            first.settle(used(0));

            admit(both, 1).settle(used(0));
            admit(both, 1).settle(used(0));

            refused(both, Limit.REQUESTS);
            assertThat(inFlight(both)).isZero();
        }
    }

    @Nested
    class Budgets {

        private final Budget berlin = new Budget(5_000_000_000L, null, null, ZoneId.of("Europe/Berlin"));

        @Test
        void refusesWhenTheDayIsSpentUntilItRenews() {
            Tenant tenant = budgeted(berlin);
            spend(tenant, 4_999_999_999L, 7);
            spend(tenant, 1L, 7);

            LimitExceededException refusal = refused(tenant, Limit.BUDGET);

            assertThat(refusal)
                    .hasMessageContaining("5.0 US dollars a day is spent")
                    .hasMessageContaining("renews at 2026-11-25T00:00:00+01:00");
            assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMinutes(90));
            wall = wall.plus(refusal.retryAfter()).minusMillis(1);
            refused(tenant, Limit.BUDGET);
            wall = wall.plusMillis(1);
            admit(tenant, 1);
        }

        @Test
        void countsTheMonthInTheTenantsZone() {
            Tenant tenant = budgeted(new Budget(null, 100L, null, ZoneId.of("Asia/Shanghai")));
            wall = Instant.parse("2026-11-30T15:59:59Z");
            spend(tenant, 100L, 7);
            refused(tenant, Limit.BUDGET);

            wall = Instant.parse("2026-11-30T16:00:00Z");

            admit(tenant, 1);
        }

        @Test
        void countsTokensADay() {
            Tenant tenant = budgeted(new Budget(null, null, 1000L, ZoneOffset.UTC));
            spend(tenant, null, 1000);

            assertThat(refused(tenant, Limit.BUDGET)).hasMessageContaining("1000 tokens a day");
        }

        @Test
        void countsACallInTheWindowThatItWasAdmittedIn() {
            Tenant tenant = budgeted(berlin);
            Reservation yesterdays = admit(tenant, 1);
            wall = wall.plus(Duration.ofHours(3));
            admit(tenant, 1).cancel();

            yesterdays.settle(new Used(7, 0, false, 9_000_000_000L));

            admit(tenant, 1);
        }

        @Test
        void claimsWhatCallsUsuallyCost() {
            Tenant tenant = budgeted(new Budget(100L, null, null, ZoneOffset.UTC));
            Reservation first = limiter.open(tenant);
            claim(first, 10, 1);
            first.settle(new Used(10, 1, true, 22L));
            claim(limiter.open(tenant), 38, 1);

            // 22 were spent, and 39 tokens at 2 each are claimed.
            assertThat(refused(tenant, Limit.BUDGET)).hasMessageContaining("is spent");
        }

        @Test
        void givesClaimsOfCancelledCallsBack() {
            Tenant tenant = budgeted(new Budget(null, null, 10L, ZoneOffset.UTC));
            Reservation call = limiter.open(tenant);
            claim(call, 9, 1);
            refused(tenant, Limit.BUDGET);

            call.cancel();

            admit(tenant, 1);
        }

        @Test
        void handsNoSpentBudgetBack() {
            Tenant tenant = budgeted(berlin);

            limiter.restore(tenant, (id, from) -> {
                assertThat(id).isEqualTo("search");
                assertThat(from).isEqualTo("2026-11-23T23:00:00Z");
                return new Spent(5_000_000_000L, 7);
            });

            refused(tenant, Limit.BUDGET);
        }

        @Test
        void restoresNothingThatItHasCountedItself() {
            Tenant tenant = budgeted(berlin);
            spend(tenant, 3_000_000_000L, 7);

            limiter.restore(tenant, (id, from) -> new Spent(3_000_000_000L, 7));

            admit(tenant, 1);
        }

        @Test
        void warnsAtTheConfiguredShares() {
            Tenant tenant = budgeted(berlin);
            spend(tenant, 3_999_999_999L, 7);
            assertThat(headers(tenant)).doesNotContainKey("x-budget-warning");
            assertThat(warned()).isZero();

            spend(tenant, 1L, 7);

            assertThat(headers(tenant))
                    .containsEntry("x-budget-warning", "usd-per-day; used=0.8; renews=2026-11-25T00:00:00+01:00");
            assertThat(warned()).isEqualTo(0.8);
            assertThat(registry.get("gateway.admission.budget.used").gauge().value())
                    .isEqualTo(0.8);
        }

        private double warned() {
            return registry.get("gateway.admission.budget.warning")
                    .tags("tenant", "search", "budget", "usd-per-day")
                    .gauge()
                    .value();
        }

        private void spend(Tenant tenant, Long nanos, long tokens) {
            admit(tenant, 1).settle(new Used(tokens, 0, false, nanos));
        }

        private static Tenant budgeted(Budget budget) {
            return new Tenant("search", List.of("*"), Limits.NONE, budget, 1, false, false);
        }
    }

    @Nested
    class Shadow {

        private final Tenant shadowed = new Tenant(
                "search",
                List.of("*"),
                new Limits(1L, 10L, 1L),
                new Budget(null, null, 1L, ZoneOffset.UTC),
                1,
                true,
                false);

        @Test
        void letsThroughAndCountsWhatItWouldRefuse() {
            Reservation first = admit(shadowed, 1);
            assertThat(shadowed("concurrency")).isZero();

            admit(shadowed, 1);

            for (String limit : new String[] {"concurrency", "requests", "budget"}) {
                assertThat(shadowed(limit)).as(limit).isPositive();
            }
            assertThat(registry.find("gateway.admission.rejected").counters())
                    .allMatch(counter -> counter.count() == 0);
            first.settle(used(1));
            assertThat(inFlight(shadowed)).isEqualTo(1);
        }

        private double shadowed(String limit) {
            return registry.get("gateway.admission.shadowed")
                    .tags("tenant", "search", "limit", limit)
                    .counter()
                    .count();
        }
    }

    @Nested
    class ChangedLimits {

        @Test
        void applyFromTheNextCallOn() {
            admit(tenant(new Limits(1L, null, null)), 1);
            refused(tenant(new Limits(1L, null, null)), Limit.REQUESTS);

            admit(tenant(new Limits(5L, null, null)), 5);

            refused(tenant(new Limits(5L, null, null)), Limit.REQUESTS);
            admit(tenant(Limits.NONE), 100);
        }

        @Test
        void keepCountOfTheCallsInFlight() {
            Reservation old = limiter.open(tenant(new Limits(null, null, 5L)));
            Tenant narrow = tenant(new Limits(null, null, 1L));

            refused(narrow, Limit.CONCURRENCY);
            old.settle(used(0));

            admit(narrow, 1);
            assertThat(inFlight(narrow)).isEqualTo(1);
        }

        @Test
        void receiveNothingFromCallsThatClaimedBefore() {
            Reservation old = limiter.open(tenant(new Limits(null, 1000L, null)));
            claim(old, 800, 100);
            Tenant changed = tenant(new Limits(null, 500L, null));
            claim(limiter.open(changed), 300, 100);
            assertThat(tokensLeft(changed)).isEqualTo(100);

            old.settle(used(10));

            assertThat(tokensLeft(changed)).isEqualTo(100);
        }

        @Test
        void areNotPutInDebtByCallsThatClaimedBefore() {
            Reservation old = limiter.open(tenant(new Limits(null, 1000L, null)));
            claim(old, 800, 100);
            Tenant changed = tenant(new Limits(null, 500L, null));
            Reservation young = limiter.open(changed);

            old.settle(used(100_000));

            assertThat(tokensLeft(changed)).isEqualTo(500);
            claim(young, 10, 10);
        }

        @Test
        void receiveNothingFromCallsThatWereUnlimited() {
            Reservation old = limiter.open(tenant(Limits.NONE));
            claim(old, 800, 100);
            Tenant limited = tenant(new Limits(2L, 500L, null));
            claim(limiter.open(limited), 100, 100);
            claim(limiter.open(limited), 100, 100);

            old.cancel();

            assertThat(tokensLeft(limited)).isEqualTo(100);
            refused(limited, Limit.REQUESTS);
        }

        @Test
        void receiveNoRequestFromCallsThatAreCancelled() {
            Reservation old = admit(tenant(new Limits(7L, null, null)), 1);
            Tenant changed = tenant(new Limits(2L, null, null));
            admit(changed, 2);

            old.cancel();

            refused(changed, Limit.REQUESTS);
            assertThat(inFlight(changed)).isEqualTo(2);
        }

        @Test
        void leaveTheOtherLimitsAsTheyAre() {
            Reservation call = limiter.open(tenant(new Limits(null, 600L, 5L)));
            claim(call, 200, 100);
            call.settle(used(900));
            Tenant moreAtOnce = tenant(new Limits(null, 600L, 50L));

            assertThat(refused(moreAtOnce, Limit.TOKENS).retryAfter()).isGreaterThan(Duration.ofSeconds(30));
        }
    }

    @Nested
    class Shown {

        @Test
        void showsWhatIsLeft() {
            Tenant tenant = tenant(new Limits(60L, 6000L, 5L));
            claim(limiter.open(tenant), 500, 100);

            assertThat(headers(tenant))
                    .containsOnly(
                            Map.entry("x-ratelimit-limit-requests", "60"),
                            Map.entry("x-ratelimit-remaining-requests", "59"),
                            Map.entry("x-ratelimit-reset-requests", "1s"),
                            Map.entry("x-ratelimit-limit-tokens", "6000"),
                            Map.entry("x-ratelimit-remaining-tokens", "5400"),
                            Map.entry("x-ratelimit-reset-tokens", "6s"));
        }

        @Test
        void showsNothingOfWhatHasNoLimit() {
            admit(tenant(new Limits(null, null, 5L)), 1);
            assertThat(headers(tenant(new Limits(null, null, 5L)))).isEmpty();

            admit(tenant(new Limits(null, 600L, null)), 1);
            assertThat(headers(tenant(new Limits(null, 600L, null))))
                    .containsOnlyKeys(
                            "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens");
        }

        @Test
        void showsTheSameByTheReservation() {
            Tenant tenant = tenant(new Limits(60L, 6000L, null));
            Reservation call = admit(tenant, 2);

            assertThat(call.rateLimits()).isEqualTo(limiter.rateLimits(tenant));
        }
    }

    @Nested
    class Meters {

        @Test
        void countsRefusalsByLimit() {
            Tenant tenant = tenant(new Limits(2L, 100L, 1L));
            Reservation call = admit(tenant, 1);
            refused(tenant, Limit.CONCURRENCY);
            call.settle(used(0));
            admit(tenant, 1).settle(used(1));
            refused(tenant, Limit.REQUESTS);
            refused(tenant, Limit.REQUESTS);

            assertThat(rejected("requests")).isEqualTo(2);
            assertThat(rejected("concurrency")).isEqualTo(1);
            assertThat(rejected("tokens")).isZero();
        }

        @Test
        void countsCallsInFlight() {
            Tenant tenant = tenant(Limits.NONE);
            Reservation first = admit(tenant, 1);
            Reservation second = admit(tenant, 1);
            assertThat(inFlight(tenant)).isEqualTo(2);

            first.settle(used(7));
            assertThat(inFlight(tenant)).isEqualTo(1);
            second.cancel();
            assertThat(inFlight(tenant)).isZero();
        }

        @Test
        void tellsByHowMuchClaimsMiss() {
            Tenant tenant = tenant(new Limits(null, 10_000L, null));
            claimAndUse(tenant, 300, 250);
            claimAndUse(tenant, 300, 290);
            claimAndUse(tenant, 300, 700);

            assertThat(drift("over").count()).isEqualTo(2);
            assertThat(drift("over").totalAmount()).isEqualTo(60);
            assertThat(drift("under").count()).isEqualTo(1);
            assertThat(drift("under").totalAmount()).isEqualTo(400);
        }

        @Test
        void tellsNothingOfClaimsThatAreCancelled() {
            Reservation call = limiter.open(tenant(Limits.NONE));
            claim(call, 100, 100);
            call.cancel();

            assertThat(drift("over").count()).isZero();
        }

        private void claimAndUse(Tenant tenant, long claim, long use) {
            Reservation call = limiter.open(tenant);
            claim(call, claim - CLAIM, 0);
            call.settle(used(use));
        }

        private double rejected(String limit) {
            return registry.get("gateway.admission.rejected")
                    .tags("tenant", "search", "limit", limit)
                    .counter()
                    .count();
        }

        private DistributionSummary drift(String claimed) {
            return registry.get("gateway.admission.drift")
                    .tags("tenant", "search", "claimed", claimed)
                    .summary();
        }
    }

    private Instant wall() {
        return wall;
    }

    private long nanos() {
        return now;
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private static Tenant tenant(Limits limits) {
        return new Tenant("search", List.of("*"), limits, Budget.NONE, 1, false, false);
    }

    /** The last of so many, each of which claims a token. */
    private Reservation admit(Tenant tenant, int times) {
        for (int i = 1; i < times; i++) {
            admitted(tenant);
        }
        return admitted(tenant);
    }

    private Reservation admitted(Tenant tenant) {
        Reservation call = limiter.open(tenant);
        claim(call, 0, 1);
        return call;
    }

    private static Used used(long tokens) {
        return new Used(tokens, 0, false, null);
    }

    private LimitExceededException refused(Tenant tenant, Limit limit) {
        LimitExceededException[] refusal = new LimitExceededException[1];
        assertThatExceptionOfType(LimitExceededException.class)
                .isThrownBy(() -> limiter.open(tenant))
                .satisfies(e -> refusal[0] = e);
        assertThat(refusal[0].limit()).isEqualTo(limit);
        return refusal[0];
    }

    private long tokensLeft(Tenant tenant) {
        return limiter.rateLimits(tenant).tokens().remaining();
    }

    private double inFlight(Tenant tenant) {
        return registry.get("gateway.admission.in.flight")
                .tag("tenant", tenant.id())
                .gauge()
                .value();
    }

    private Map<String, String> headers(Tenant tenant) {
        Map<String, String> headers = new HashMap<>();
        limiter.rateLimits(tenant).forEachHeader(headers::put);
        return headers;
    }

    private static void claim(Reservation call, long promptTokens, long maxTokens) {
        call.claim(promptTokens, maxTokens, LOOP).block();
    }
}

package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.admission.LimitExceededException.Limit;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LimiterTests {

    private static final int CLAIM = 100;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Limiter limiter = new Limiter(new AdmissionProperties(CLAIM), this::nanos, registry);
    private long now = 42;

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
            admit(tenant, 3).settle(10);

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

            admit(new Tenant("mail", List.of("*"), tenant.limits(), false), 3);
        }
    }

    @Nested
    class Tokens {

        private final Tenant tenant = tenant(new Limits(null, 600L, null));

        @Test
        void claimsThePromptAndTheCompletion() {
            admit(tenant, 1).claim(200, 50);

            assertThat(tokensLeft(tenant)).isEqualTo(350);
        }

        @Test
        void claimsNoMoreCompletionThanIsConfigured() {
            admit(tenant, 1).claim(200, 1_000_000);
            assertThat(tokensLeft(tenant)).isEqualTo(300);

            admit(tenant, 1).claim(100, 0);
            assertThat(tokensLeft(tenant)).isEqualTo(100);
        }

        @Test
        void refusesWhenTokensAreSpent() {
            admit(tenant, 1).claim(500, 50);
            Reservation second = admit(tenant, 1);

            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> second.claim(50, 10))
                    .withMessageContaining("has 600 tokens per minute and asked for 60 more")
                    .satisfies(refusal -> assertThat(refusal.limit()).isEqualTo(Limit.TOKENS))
                    .satisfies(refusal -> assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
            assertThat(tokensLeft(tenant)).isEqualTo(50);
        }

        @Test
        void givesBackWhatWasClaimedTooMuch() {
            Reservation call = admit(tenant, 1);
            call.claim(200, 100);

            call.settle(210);

            assertThat(tokensLeft(tenant)).isEqualTo(390);
        }

        @Test
        void takesWhatWasUsedBeyondTheClaim() {
            Reservation call = admit(tenant, 1);
            call.claim(200, 100);

            call.settle(450);

            assertThat(tokensLeft(tenant)).isEqualTo(150);
        }

        @Test
        void makesDebtThatDelaysLaterCalls() {
            Reservation call = admit(tenant, 1);
            call.claim(200, 100);
            call.settle(899);

            assertThat(tokensLeft(tenant)).isZero();
            assertThat(refused(tenant, Limit.TOKENS).retryAfter()).isEqualTo(Duration.ofSeconds(30));
            pass(Duration.ofSeconds(30));
            Reservation later = admit(tenant, 1);
            assertThatExceptionOfType(LimitExceededException.class)
                    .isThrownBy(() -> later.claim(10, 1))
                    .satisfies(refusal -> assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
        }

        @Test
        void settlesOnlyOnce() {
            Reservation call = admit(tenant, 1);
            call.claim(200, 100);

            call.settle(100);
            call.settle(600);
            call.cancel();

            assertThat(tokensLeft(tenant)).isEqualTo(500);
            assertThat(inFlight(tenant)).isZero();
        }

        @Test
        void givesAllBackOnCancel() {
            Reservation call = admit(tenant, 1);
            call.claim(200, 100);

            call.cancel();
            call.settle(600);

            assertThat(tokensLeft(tenant)).isEqualTo(600);
            assertThat(inFlight(tenant)).isZero();
        }

        @Test
        void letsACallIntoAFullBucketThatIsLargerThanIt() {
            Reservation call = admit(tenant, 1);

            call.claim(5000, 100);

            assertThat(tokensLeft(tenant)).isZero();
            assertThat(refused(tenant, Limit.TOKENS).retryAfter()).isEqualTo(Duration.ofMillis(450_100));
        }

        @Test
        void settlesACallThatClaimedNothing() {
            admit(tenant, 1).settle(0);

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
            first.settle(0);
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
            first.settle(0);

            admit(both, 1).settle(0);
            admit(both, 1).settle(0);

            refused(both, Limit.REQUESTS);
            assertThat(inFlight(both)).isZero();
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
            Reservation old = admit(tenant(new Limits(null, null, 5L)), 1);
            Tenant narrow = tenant(new Limits(null, null, 1L));

            refused(narrow, Limit.CONCURRENCY);
            old.settle(0);

            admit(narrow, 1);
            assertThat(inFlight(narrow)).isEqualTo(1);
        }

        @Test
        void receiveNothingFromCallsThatClaimedBefore() {
            Reservation old = admit(tenant(new Limits(null, 1000L, null)), 1);
            old.claim(800, 100);
            Tenant changed = tenant(new Limits(null, 500L, null));
            admit(changed, 1).claim(300, 100);
            assertThat(tokensLeft(changed)).isEqualTo(100);

            old.settle(10);

            assertThat(tokensLeft(changed)).isEqualTo(100);
        }

        @Test
        void areNotPutInDebtByCallsThatClaimedBefore() {
            Reservation old = admit(tenant(new Limits(null, 1000L, null)), 1);
            old.claim(800, 100);
            Tenant changed = tenant(new Limits(null, 500L, null));
            Reservation young = admit(changed, 1);

            old.settle(100_000);

            assertThat(tokensLeft(changed)).isEqualTo(500);
            young.claim(10, 10);
        }

        @Test
        void receiveNothingFromCallsThatWereUnlimited() {
            Reservation old = admit(tenant(Limits.NONE), 1);
            old.claim(800, 100);
            Tenant limited = tenant(new Limits(2L, 500L, null));
            admit(limited, 2).claim(300, 100);

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
            Reservation call = admit(tenant(new Limits(null, 600L, 5L)), 1);
            call.claim(200, 100);
            call.settle(900);
            Tenant moreAtOnce = tenant(new Limits(null, 600L, 50L));

            assertThat(refused(moreAtOnce, Limit.TOKENS).retryAfter()).isGreaterThan(Duration.ofSeconds(30));
        }
    }

    @Nested
    class Shown {

        @Test
        void showsWhatIsLeft() {
            Tenant tenant = tenant(new Limits(60L, 6000L, 5L));
            admit(tenant, 1).claim(500, 100);

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
            call.settle(0);
            admit(tenant, 1).settle(1000);
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

            first.settle(7);
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
            Reservation call = admit(tenant(Limits.NONE), 1);
            call.claim(100, 100);
            call.cancel();

            assertThat(drift("over").count()).isZero();
        }

        private void claimAndUse(Tenant tenant, long claim, long use) {
            Reservation call = admit(tenant, 1);
            call.claim(claim - CLAIM, 0);
            call.settle(use);
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

    private long nanos() {
        return now;
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private static Tenant tenant(Limits limits) {
        return new Tenant("search", List.of("*"), limits, false);
    }

    /** The last of so many. */
    private Reservation admit(Tenant tenant, int times) {
        for (int i = 1; i < times; i++) {
            limiter.admit(tenant);
        }
        return limiter.admit(tenant);
    }

    private LimitExceededException refused(Tenant tenant, Limit limit) {
        LimitExceededException[] refusal = new LimitExceededException[1];
        assertThatExceptionOfType(LimitExceededException.class)
                .isThrownBy(() -> limiter.admit(tenant))
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
}

package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetryBudgetTests {

    private final AtomicLong clock = new AtomicLong(-TimeUnit.DAYS.toNanos(1));
    private final RetryBudget budget = new RetryBudget(0.1, 3, clock::get);

    @Test
    void allowsATenthOfTheCalls() {
        attempt(100);

        assertThat(retries()).isEqualTo(10);
    }

    @Test
    void allowsAFewWhereCallsAreFew() {
        attempt(1);

        assertThat(retries()).isEqualTo(3);
    }

    @Test
    void doesNotTakeRetriesForCalls() {
        attempt(1000);

        assertThat(retries()).isEqualTo(100);
        assertThat(budget.tryRetry()).isFalse();
    }

    @Test
    void forgetsCallsAndRetriesOfMoreThanAMinuteAgo() {
        attempt(1000);
        assertThat(retries()).isEqualTo(100);
        pass(59);
        assertThat(budget.tryRetry()).isFalse();
        pass(11);

        assertThat(retries()).as("of no calls").isEqualTo(3);
    }

    @Test
    void slidesWithTime() {
        for (int i = 0; i < 12; i++) {
            attempt(100);
            pass(10);
        }
        assertThat(retries()).as("of the last minute").isEqualTo(50);
    }

    @Test
    void allowsNoneIfNoneIsConfigured() {
        RetryBudget none = new RetryBudget(0, 0, clock::get);
        none.attempted();

        assertThat(none.tryRetry()).isFalse();
    }

    private void attempt(int times) {
        for (int i = 0; i < times; i++) {
            budget.attempted();
        }
    }

    private int retries() {
        int retries = 0;
        while (budget.tryRetry()) {
            retries++;
            budget.attempted();
        }
        return retries;
    }

    private void pass(long seconds) {
        clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }
}

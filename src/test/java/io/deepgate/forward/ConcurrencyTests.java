package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class ConcurrencyTests {

    private static final Tenant SEARCH = tenant("search");
    private static final Tenant MAIL = tenant("mail");
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Concurrency concurrency = new Concurrency(
            "flash",
            new ConcurrencyLimit(2, TimeUnit.SECONDS.toNanos(1), 0),
            new ForwardProperties.Queue(3, TIMEOUT),
            () -> time.now(TimeUnit.NANOSECONDS),
            time);

    @Test
    void givesAsManySlotsAsTheLimit() {
        assertThat(concurrency.tryAcquire(SEARCH)).isNotNull();
        assertThat(concurrency.tryAcquire(SEARCH)).isNotNull();
        assertThat(concurrency.tryAcquire(SEARCH)).isNull();
        isAt(2, 2, 0);
    }

    @Test
    void takesASlotBackOnce() {
        Slot slot = concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH);
        slot.release();
        slot.release();
        slot.refused(1);

        isAt(2, 1, 0);
    }

    @Test
    void givesASlotThatComesBackToWhoWaits() {
        Slot slot = concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH);
        List<String> heard = new ArrayList<>();
        waiting(SEARCH, "search", heard);
        waiting(MAIL, "mail", heard);
        isAt(2, 2, 2);

        slot.release();
        isAt(2, 2, 1);
        pass(Duration.ZERO);

        assertThat(heard).containsExactly("search");
        pass(TIMEOUT);
        assertThat(heard).as("whose turn came is not told that it was late").containsExactly("search", "mail is late");
    }

    @Test
    void waitsNoLongerThanTheTimeout() {
        concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH);
        List<String> heard = new ArrayList<>();
        waiting(SEARCH, "search", heard);
        pass(TIMEOUT.minusMillis(1));
        assertThat(heard).isEmpty();
        pass(Duration.ofMillis(1));

        assertThat(heard).containsExactly("search is late");
        isAt(2, 2, 0);
    }

    @Test
    void freesThePlaceOfWhoLeavesAtOnce() {
        Slot slot = concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH);
        List<String> heard = new ArrayList<>();
        Slot leaving = waiting(SEARCH, "search", heard);
        waiting(MAIL, "mail", heard);

        leaving.release();

        isAt(2, 2, 1);
        slot.release();
        pass(TIMEOUT);
        assertThat(heard).containsExactly("mail");
        isAt(2, 2, 0);
    }

    @Test
    void givesBackTheSlotOfWhoLeavesBeforeHearingOfIt() {
        Slot slot = concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH);
        Slot leaving = concurrency.queue(SEARCH);
        slot.release();
        leaving.release();

        isAt(2, 1, 0);
    }

    @Test
    void refusesWhoWouldWaitBehindTooMany() {
        concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH);
        for (int i = 0; i < 3; i++) {
            concurrency.queue(SEARCH);
        }

        assertThatExceptionOfType(UpstreamBusyException.class)
                .isThrownBy(() -> concurrency.queue(SEARCH))
                .withMessageContaining("'flash'")
                .satisfies(busy -> assertThat(busy.getStackTrace()).isEmpty())
                .satisfies(busy -> assertThat(busy.retryAfter()).isEqualTo(Duration.ofSeconds(1)));
        isAt(2, 2, 3);
    }

    @Test
    void makesRoomForATenantWithFewerAtTheCostOfTheOneWithMost() {
        concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH);
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            waiting(SEARCH, "search" + i, heard);
        }
        waiting(MAIL, "mail", heard);
        pass(Duration.ZERO);

        assertThat(heard).containsExactly("search2 is late");
        isAt(2, 2, 3);
    }

    @Test
    void letsNobodyInWhileMoreAreInUseThanTheLimitAllowsNow() {
        Slot first = concurrency.tryAcquire(SEARCH);
        Slot second = concurrency.tryAcquire(SEARCH);
        concurrency.queue(SEARCH);
        second.refused(1);
        isAt(1, 1, 1);

        first.release();
        isAt(1, 1, 0);
    }

    @Test
    void letsMoreInWhenTheLimitRises() {
        Slot first = concurrency.tryAcquire(SEARCH);
        concurrency.tryAcquire(SEARCH).refused(1);
        concurrency.queue(SEARCH);
        concurrency.queue(SEARCH);
        isAt(1, 1, 2);
        time.advanceTimeBy(Duration.ofSeconds(1));

        first.release();

        isAt(2, 2, 0);
    }

    private Slot waiting(Tenant tenant, String name, List<String> heard) {
        Slot slot = concurrency.queue(tenant);
        slot.turn().subscribe(held -> heard.add(name), late -> heard.add(name + " is late"));
        return slot;
    }

    private void pass(Duration duration) {
        time.advanceTimeBy(duration);
    }

    private void isAt(int limit, int inUse, int queued) {
        assertThat(List.of(concurrency.limit(), concurrency.inUse(), concurrency.queued()))
                .as("limit, in use, queued")
                .containsExactly(limit, inUse, queued);
    }

    private static Tenant tenant(String id) {
        return new Tenant(id, List.of("*"), Limits.NONE, Budget.NONE, 1, false, false);
    }
}

package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConcurrencyLimitTests {

    private static final long INTERVAL = 100;

    private final ConcurrencyLimit limit = new ConcurrencyLimit(2500, INTERVAL, 0);

    @Test
    void beginsAtTheMost() {
        assertThat(limit.current()).isEqualTo(2500);
        limit.reached(10 * INTERVAL);
        assertThat(limit.current()).isEqualTo(2500);
    }

    @Test
    void fallsAtOnceToWhatIsNamed() {
        limit.refused(1, 26, 25, 2);

        assertThat(limit.current()).isEqualTo(25);
    }

    @Test
    void fallsInProportionToWhatWasRefusedWhenNothingIsNamed() {
        limit.refused(1, 100, 0, 2);

        assertThat(limit.current()).isEqualTo(75);
    }

    @Test
    void fallsOnceForAllThatWasSentBefore() {
        limit.refused(1, 100, 0, 10);
        for (int i = 0; i < 24; i++) {
            limit.refused(9, 100, 0, 11);
        }
        assertThat(limit.current()).isEqualTo(75);

        limit.refused(10, 75, 0, 12);

        assertThat(limit.current()).isEqualTo(56);
    }

    @Test
    void fallsNoFurtherThanWhatWasOpenThenAndIsServedShows() {
        limit.refused(1, 3, 0, 10);
        assertThat(limit.current()).isEqualTo(2);

        for (int i = 0; i < 20; i++) {
            limit.served(9);
            limit.served(10);
        }

        assertThat(limit.current()).isEqualTo(15);
    }

    @Test
    void staysWhereARefusalNamesItWhateverIsServed() {
        limit.refused(1, 100, 0, 10);
        limit.refused(9, 100, 25, 11);
        for (int i = 0; i < 40; i++) {
            limit.served(9);
        }

        assertThat(limit.current()).isEqualTo(25);
    }

    @Test
    void fallsFurtherForWhatWasSentBeforeIfThatNamesLess() {
        limit.refused(1, 100, 39, 10);
        limit.refused(1, 100, 25, 11);

        assertThat(limit.current()).isEqualTo(25);
    }

    @Test
    void bearsOneRefusalThatNamesNoLess() {
        limit.refused(1, 26, 25, 2);
        limit.refused(3, 25, 25, 4);
        assertThat(limit.current())
                .as("the upstream may still have counted a call that had ended")
                .isEqualTo(25);

        limit.refused(3, 25, 25, 5);
        assertThat(limit.current()).as("sent before the first was known").isEqualTo(25);

        limit.refused(4 + INTERVAL, 25, 25, 5 + INTERVAL);
        assertThat(limit.current()).as("one each interval").isEqualTo(25);
    }

    @Test
    void fallsALittleWhenRefusalsThatNameNoLessGoOn() {
        limit.refused(1, 26, 25, 2);
        for (int i = 4; i < 12; i += 2) {
            limit.refused(i, 25, 25, i + 1);
        }
        assertThat(limit.current()).as("other gateways have the account, too").isEqualTo(23);
    }

    @Test
    void fallsInProportionWhenItIsLarge() {
        limit.refused(1, 2000, 2000, 2);
        limit.refused(3, 2000, 2000, 4);
        limit.refused(5, 2000, 2000, 6);
        assertThat(limit.current()).isEqualTo(1900);
    }

    @Test
    void neverFallsBelowOne() {
        for (int i = 1; i < 100; i++) {
            limit.refused(i, 1, i % 2, i);
        }
        assertThat(limit.current()).isEqualTo(1);
    }

    @Test
    void risesSlowlyThenFasterWhileItIsReached() {
        limit.refused(1, 26, 25, 0);
        List<Integer> limits = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            limit.reached(i * INTERVAL - 1);
            limit.reached(i * INTERVAL);
            limits.add(limit.current());
        }
        assertThat(limits).containsExactly(26, 28, 32, 40, 56);
    }

    @Test
    void risesNoHigherThanTheMost() {
        limit.refused(1, 26, 25, 0);
        for (int i = 1; i < 100; i++) {
            limit.reached(i * INTERVAL);
        }
        assertThat(limit.current()).isEqualTo(2500);
    }

    @Test
    void beginsToRiseByOneAgainWhenItHasFallen() {
        limit.refused(1, 26, 25, 0);
        limit.reached(INTERVAL);
        limit.reached(2 * INTERVAL);
        limit.refused(2 * INTERVAL, 28, 25, 2 * INTERVAL);
        limit.reached(3 * INTERVAL);

        assertThat(limit.current()).isEqualTo(26);
    }

    @Test
    void goesWhereItIsConfiguredUnlessItHasFallen() {
        limit.most(100);
        assertThat(limit.current()).isEqualTo(100);
        limit.most(200);
        assertThat(limit.current()).isEqualTo(200);

        limit.refused(1, 26, 25, 2);
        limit.most(300);
        assertThat(limit.current()).isEqualTo(25);

        limit.most(10);
        assertThat(limit.current()).isEqualTo(10);
    }
}

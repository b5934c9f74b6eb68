package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Times are milliseconds here, and 20 of them are well. */
class LoopTurnTests {

    private final LoopTurn turn = new LoopTurn(20);
    private final List<Runnable> afterwards = new ArrayList<>();

    @Test
    void nothingIsLateInOneTurnHoweverLong() {
        assertThat(lateAt(1000)).isFalse();
        assertThat(lateAt(1500)).isFalse();
        assertThat(afterwards).hasSize(1);
    }

    @Test
    void whatComesTooLateInTheSecondTurnIs() {
        lateAt(1000);
        turn.end(1030);

        assertThat(lateAt(1031)).isFalse();
        assertThat(lateAt(1051)).isFalse();
        assertThat(lateAt(1052)).isTrue();
    }

    @Test
    void aShortTurnBetweenMakesAllWell() {
        lateAt(1000);
        turn.end(1030);
        lateAt(1031);
        turn.end(1040);

        lateAt(1041);
        assertThat(lateAt(1100)).isFalse();
    }

    @Test
    void soDoesAPauseWithNothingToRead() {
        lateAt(1000);
        turn.end(1030);

        lateAt(1050);
        assertThat(lateAt(1100)).isFalse();
    }

    private boolean lateAt(long now) {
        return turn.isLate(now, afterwards::add);
    }
}

package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.catalog.Nowhere;
import io.deepgate.catalog.Upstream;
import io.deepgate.forward.UpstreamTimeoutException.Wait;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.netty.Connection;

class CallTimerTests {

    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(clock).build();

    @AfterEach
    void closes() {
        channel.close();
    }

    @Test
    void firesWhenNoContentComes() {
        CallTimer timer = started(Duration.ZERO);

        pass(9_999);
        assertThat(channel.isOpen()).isTrue();
        pass(1);

        assertThat(channel.isOpen()).isFalse();
        assertThat(timer.fired().waited()).isEqualTo(Wait.FIRST_CONTENT);
        assertThat(timer.fired()).hasMessage("The upstream sent no content within 10.0 s.");
    }

    @Test
    void waitsForFurtherContentFromTheLastOn() {
        CallTimer timer = started(Duration.ZERO);
        pass(8000);
        timer.content();
        for (int i = 0; i < 20; i++) {
            pass(1_999);
            timer.content();
        }
        pass(1_999);
        assertThat(channel.isOpen()).isTrue();

        pass(1);

        assertThat(channel.isOpen()).isFalse();
        assertThat(timer.fired().waited()).isEqualTo(Wait.IDLE);
        assertThat(timer.fired()).hasMessage("The upstream sent no further content within 2.0 s.");
    }

    @Test
    void waitsShorterOnceThereIsContent() {
        CallTimer timer = started(Duration.ZERO);
        pass(1);
        timer.content();

        pass(2000);

        assertThat(timer.fired().waited()).isEqualTo(Wait.IDLE);
    }

    @Test
    void boundsTheWholeCall() {
        CallTimer timer = started(Duration.ofSeconds(5));
        for (int i = 0; i < 4; i++) {
            pass(1000);
            timer.content();
        }
        pass(999);
        assertThat(channel.isOpen()).isTrue();

        pass(1);

        assertThat(channel.isOpen()).isFalse();
        assertThat(timer.fired().waited()).isEqualTo(Wait.TOTAL);
        assertThat(timer.fired()).hasMessage("The upstream did not finish within 5.0 s.");
    }

    @Test
    void boundsTheWholeCallBeforeItsContent() {
        CallTimer timer = started(Duration.ofMillis(300));

        pass(300);

        assertThat(timer.fired()).hasMessage("The upstream did not finish within 300 ms.");
    }

    @Test
    void doesNothingOnceItIsStopped() {
        CallTimer timer = started(Duration.ofSeconds(5));
        timer.content();
        timer.stop();
        assertThat(channel.runScheduledPendingTasks()).as("no task is left").isEqualTo(-1);

        timer.content();
        timer.done();
        pass(100_000);

        assertThat(channel.isOpen()).isTrue();
        assertThat(timer.fired()).isNull();
    }

    @Test
    void canBeStoppedBeforeItStarts() {
        CallTimer timer = timer(Duration.ZERO);
        timer.stop();
        timer.start(Connection.from(channel));

        pass(100_000);

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void cutsAnUpstreamThatKeepsTheConnectionAfterItsAnswer() {
        CallTimer timer = started(Duration.ZERO);
        timer.content();
        pass(500);
        timer.done();
        pass(500);
        timer.done();
        pass(499);
        assertThat(channel.isOpen()).isTrue();

        pass(1);

        assertThat(channel.isOpen()).isFalse();
        assertThat(timer.fired()).as("no timeout of the call").isNull();
    }

    @Test
    void cutsItAlsoWhenTheAnswerWasOnePiece() {
        CallTimer timer = started(Duration.ZERO);
        timer.done();

        pass(1000);

        assertThat(channel.isOpen()).isFalse();
        assertThat(timer.fired()).isNull();
    }

    /** First content within 10 s, further content every 2 s. */
    private CallTimer timer(Duration total) {
        Upstream upstream = Nowhere.waitedFor(Duration.ofSeconds(10), Duration.ofSeconds(2), total);
        return new CallTimer(upstream, 42, () -> 42 + clock.nanoTime());
    }

    private CallTimer started(Duration total) {
        CallTimer timer = timer(total);
        timer.start(Connection.from(channel));
        return timer;
    }

    private void pass(long millis) {
        clock.advance(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }
}

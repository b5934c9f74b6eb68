package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

/** What each end of an attempt tells breakers and meters. */
class AnswerTests {

    private static final UpstreamUnavailableException GARBLED =
            new UpstreamUnavailableException("The upstream sent an event that is no JSON.", 502, null);

    @Test
    void isASuccessAtItsFirstContent() {
        Attempt attempt = Attempt.answeredBy(Flux.never());
        attempt.answer().content();

        assertThat(attempt.breakers()).isEqualTo("success");
        assertThat(attempt.results()).isEmpty();
    }

    @Test
    void completesWhenItIsWhole() {
        Attempt attempt = Attempt.answeredBy(Flux.just(Unpooled.EMPTY_BUFFER));
        read(attempt, () -> attempt.answer().done());
        attempt.answer().close();

        assertThat(attempt.breakers()).isEqualTo("success");
        assertThat(attempt.results()).containsExactly("completed");
    }

    @Test
    void completesWhenItBreaksOffBehindTheWhole() {
        Attempt attempt = Attempt.answeredBy(
                Flux.<ByteBuf>just(Unpooled.EMPTY_BUFFER).concatWith(Flux.error(new IOException("reset"))));
        assertThatThrownBy(() -> read(attempt, () -> attempt.answer().done()))
                .isInstanceOf(UpstreamUnavailableException.class);

        assertThat(attempt.breakers()).isEqualTo("success");
        assertThat(attempt.results()).containsExactly("completed");
    }

    @Test
    void failsWhenItsReaderFindsItGarbled() {
        Attempt attempt = Attempt.answeredBy(Flux.empty());
        read(attempt, () -> {});
        attempt.answer().garbled(GARBLED);
        attempt.answer().close();

        assertThat(attempt.breakers()).isEqualTo("failure");
        assertThat(attempt.results()).containsExactly("failed");
    }

    @Test
    void failsWithoutBlameOnceThereWasContent() {
        Attempt attempt = Attempt.answeredBy(Flux.error(new IOException("reset")));
        attempt.answer().content();
        assertThatThrownBy(() -> read(attempt, () -> {})).isInstanceOf(UpstreamUnavailableException.class);

        assertThat(attempt.breakers()).isEqualTo("success");
        assertThat(attempt.results()).containsExactly("failed");
    }

    @ParameterizedTest
    @CsvSource({"IO, failure, failed", "UNAVAILABLE, failure, failed", "REFUSED, nothing, refused"})
    void failsByItsKind(String kind, String breakers, String result) {
        Throwable failure = switch (kind) {
            case "IO" -> new IOException("reset");
            case "UNAVAILABLE" -> GARBLED;
            default -> new UpstreamRefusedException(400, "{}", null, null);
        };
        Attempt attempt = Attempt.answeredBy(Flux.error(failure));
        assertThatThrownBy(() -> read(attempt, () -> {})).isInstanceOf(RuntimeException.class);
        attempt.answer().close();

        assertThat(attempt.breakers()).isEqualTo(breakers);
        assertThat(attempt.results()).containsExactly(result);
    }

    @Test
    void isCancelledByItsCloseAndNothingElse() {
        Attempt attempt = Attempt.answeredBy(Flux.never());
        attempt.answer().close();
        attempt.answer().close();
        attempt.answer().garbled(GARBLED);

        assertThat(attempt.breakers()).isEqualTo("nothing");
        assertThat(attempt.results()).containsExactly("cancelled");
    }

    @Test
    void standsStillOnceItHasEnded() {
        Attempt attempt = Attempt.answeredBy(Flux.never());
        long before = attempt.answer().nanosUpstream();
        long after = attempt.answer().nanosUpstream();
        assertThat(after).isGreaterThan(before);

        attempt.answer().close();
        long ended = attempt.answer().nanosUpstream();

        assertThat(ended).isGreaterThanOrEqualTo(after);
        assertThat(attempt.answer().nanosUpstream()).isEqualTo(ended);
    }

    @Test
    void holdsTheBytesUntilMoreThanCommentsPasses() {
        Attempt attempt = Attempt.answeredBy(Flux.never());
        assertThat(attempt.holdsBytes()).isTrue();

        attempt.answer().begin();

        assertThat(attempt.holdsBytes()).isFalse();
    }

    @Test
    void holdsItsSlotUntilItIsComplete() {
        Attempt attempt = Attempt.answeredBy(Flux.never());
        attempt.answer().content();
        attempt.answer().done();
        assertThat(attempt.holdsSlot()).isTrue();

        attempt.answer().close();

        assertThat(attempt.holdsSlot()).isFalse();
    }

    private static void read(Attempt attempt, Runnable meanwhile) {
        attempt.answer().body().doOnNext(part -> meanwhile.run()).blockLast();
    }
}

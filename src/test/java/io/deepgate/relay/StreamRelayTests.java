package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.forward.Attempt;
import io.deepgate.forward.UpstreamUnavailableException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

class StreamRelayTests {

    private static final String CHUNK = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n";
    private static final String ERROR = "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private final Relayed relayed = Relayed.stream();

    @Test
    void passesEachReadAtOnce() {
        relayed.send(CHUNK + CHUNK);
        assertThat(relayed.text()).isEqualTo(CHUNK + CHUNK);

        relayed.send(": keep-alive\n\n");
        assertThat(relayed.text()).isEqualTo(CHUNK + CHUNK + ": keep-alive\n\n");
        relayed.assertNothingHeld("after whole events");
    }

    @Test
    void holdsTheBeginningOfAnEventBack() {
        relayed.send(CHUNK + CHUNK.substring(0, 20));
        assertThat(relayed.text()).isEqualTo(CHUNK);

        relayed.send(CHUNK.substring(20, 30));
        assertThat(relayed.text()).isEqualTo(CHUNK);

        relayed.send(CHUNK.substring(30) + "da");
        assertThat(relayed.text()).isEqualTo(CHUNK + CHUNK);

        relayed.send("ta: [DONE]\n\n").ends();
        assertThat(relayed.text()).isEqualTo(CHUNK + CHUNK + DONE);
        relayed.assertNothingHeld("at the end");
    }

    @Test
    void takesContentAndNothingElseForAWellUpstream() {
        relayed.send(": keep-alive\n\n");
        relayed.send("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n");
        assertThat(relayed.attempt.breakers()).isEqualTo("nothing");

        relayed.send(CHUNK);
        assertThat(relayed.attempt.breakers()).isEqualTo("success");
    }

    @Test
    void failsTheAttemptThatEndsCleanlyBeforeItIsComplete() {
        relayed.send(": keep-alive\n\n").ends();

        assertThat(relayed.text()).isEqualTo(": keep-alive\n\n" + Relayed.LAST_EVENT);
        assertThat(relayed.attempt.breakers()).isEqualTo("failure");
        assertThat(relayed.attempt.results()).containsExactly("failed");
    }

    @Test
    void failsWithoutAnAnswerIfNothingComes() {
        relayed.ends();

        assertThat(relayed.failure())
                .isInstanceOfSatisfying(
                        UpstreamUnavailableException.class,
                        failure -> assertThat(failure.status()).isEqualTo(502));
        assertThat(relayed.attempt.breakers()).isEqualTo("failure");
    }

    @Test
    void passesTheUpstreamsOwnErrorAsTheEnd() {
        relayed.send(CHUNK + ERROR).ends();

        assertThat(relayed.text()).isEqualTo(CHUNK + ERROR);
        assertThat(relayed.completed()).isTrue();
        assertThat(relayed.meter.error()).isTrue();
        assertThat(relayed.attempt.results()).containsExactly("failed");
    }

    @Test
    void replacesAnErrorThatBreaksOff() {
        for (int at = 1; at < ERROR.length(); at++) {
            Relayed broken =
                    Relayed.stream().send(CHUNK + ERROR.substring(0, at)).ends();

            assertThat(broken.text()).as("at %d", at).isEqualTo(CHUNK + Relayed.LAST_EVENT);
            broken.assertNothingHeld("at " + at);
        }
    }

    @Test
    void dropsAnEventThatIsNoJson() {
        relayed.send(CHUNK);
        relayed.send("data: {\"choices\":<html>\n\n").ends();

        assertThat(relayed.text()).isEqualTo(CHUNK + Relayed.LAST_EVENT);
        assertThat(relayed.cancelledUpstream()).isTrue();
        assertThat(relayed.attempt.results()).containsExactly("failed");
        relayed.assertNothingHeld("garbled");
    }

    @Test
    void failsWithoutAnAnswerIfTheFirstEventIsNoJson() {
        relayed.send("data: {\"cho");
        relayed.send("ices\":<html>\n\n");

        assertThat(relayed.text()).isEmpty();
        assertThat(relayed.failure()).isInstanceOf(UpstreamUnavailableException.class);
        assertThat(relayed.attempt.breakers()).isEqualTo("failure");
        relayed.assertNothingHeld("garbled");
    }

    @Test
    void noticesAnEventWhoseJsonBreaksOff() {
        relayed.send(CHUNK);
        relayed.send("data: {\"choices\":[{\"delta\":{\"cont\n\n");

        assertThat(relayed.text()).endsWith(Relayed.LAST_EVENT);
        relayed.assertNothingHeld("garbled");
    }

    @Test
    void passesWhateverFollowsTheEnd() {
        relayed.send(CHUNK + "data: [DONE]\n");
        relayed.send("\n: bye\n");
        relayed.send("junk").breaks();

        assertThat(relayed.text()).isEqualTo(CHUNK + DONE + ": bye\njunk");
        assertThat(relayed.completed()).isTrue();
        assertThat(relayed.attempt.results()).containsExactly("completed");
        relayed.assertNothingHeld("after the end");
    }

    @Test
    void takesAnEventByteByByte() {
        String event = "data: {\"choices\":[{\"delta\":{\"content\":\"" + "x".repeat(100_000) + "\"}}]}\n\n";

        relayed.sendByteByByte(event.getBytes(UTF_8));

        assertThat(relayed.text()).isEqualTo(event);
        assertThat(relayed.meter.pieces()).isOne();
        relayed.assertNothingHeld("byte by byte");
    }

    @Test
    void holdsNoMoreThanSixteenKilobytes() {
        byte[] part = "x".repeat(8_000).getBytes(UTF_8);
        relayed.send("data: {\"x\":\"");
        for (int i = 0; i < 2; i++) {
            relayed.send(part);
        }
        assertThat(relayed.text()).isEmpty();

        relayed.send(part);
        assertThat(relayed.bytes()).hasSize(12 + 3 * 8_000);
        relayed.assertNothingHeld("large");
        relayed.send("\"}\n\n" + CHUNK);

        assertThat(relayed.text()).endsWith(CHUNK);
        assertThat(relayed.meter.garbled()).isFalse();
    }

    @Test
    void saysWhetherTheClientHasHalfAnEvent() {
        relayed.send(CHUNK + "data: {\"x\":\"" + "x".repeat(10_000));
        assertThat(relayed.meter.torn()).isFalse();

        relayed.send("x".repeat(10_000));
        assertThat(relayed.meter.torn()).isTrue();
        relayed.send("x".repeat(10_000));
        assertThat(relayed.meter.torn()).isTrue();

        relayed.send("\"}\n\n");
        assertThat(relayed.meter.torn()).isFalse();
    }

    @Test
    void asksForMoreWhenAPartHoldsNoWholeEvent() {
        Flux<ByteBuf> parts = Flux.just(
                        "data: {\"a\"", ":1}\n", "\n" + CHUNK.substring(0, 10), CHUNK.substring(10), DONE)
                .map(text -> Unpooled.copiedBuffer(text, UTF_8));
        Flux<String> bytes = new StreamRelay(
                        Attempt.answeredBy(parts).answer(), new AnswerMeter(), new StreamRelay.Hidden(false, false))
                .bytes()
                .map(part -> part.toString(UTF_8));

        StepVerifier.create(bytes, 1)
                .expectNext("data: {\"a\":1}\n\n")
                .thenRequest(1)
                .expectNext(CHUNK)
                .thenRequest(1)
                .expectNext(DONE)
                .expectComplete()
                .verify();
    }
}

package io.deepgate.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.forward.UpstreamUnavailableException;
import org.junit.jupiter.api.Test;

class DocumentRelayTests {

    private static final String ANSWER = "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}";

    private final Relayed relayed = Relayed.document();

    @Test
    void passesBlankLinesAtOnceButTakesThemForNothing() {
        relayed.send("\n\n");
        relayed.send("\n");
        assertThat(relayed.text()).isEqualTo("\n\n\n");
        assertThat(relayed.attempt.breakers()).isEqualTo("nothing");

        relayed.send(ANSWER).ends();
        assertThat(relayed.text()).isEqualTo("\n\n\n" + ANSWER);
        assertThat(relayed.attempt.breakers()).isEqualTo("success");
        assertThat(relayed.attempt.results()).containsExactly("completed");
    }

    @Test
    void takesTheBeginningOfADocumentForContent() {
        relayed.send("{\"id\":");

        assertThat(relayed.text()).isEqualTo("{\"id\":");
        assertThat(relayed.attempt.breakers()).isEqualTo("success");
    }

    @Test
    void failsIfNothingOrOnlyBlankLinesCome() {
        relayed.ends();
        fails(relayed);
        fails(Relayed.document().send("\n\n").ends());
    }

    @Test
    void failsIfTheDocumentBreaksOff() {
        Relayed broken = relayed.send("{\"id\":");
        broken.breaks();

        assertThat(broken.failure()).isInstanceOf(UpstreamUnavailableException.class);
        assertThat(broken.attempt.results()).containsExactly("failed");
    }

    @Test
    void passesNothingThatIsNoJson() {
        for (String text : new String[] {"<html>", "{]", ANSWER + " and more"}) {
            Relayed garbled = Relayed.document().send(text).ends();

            assertThat(garbled.text()).isEmpty();
            assertThat(garbled.cancelledUpstream()).isTrue();
            assertThat(garbled.failure())
                    .isInstanceOf(UpstreamUnavailableException.class)
                    .hasMessage("The upstream answered something that is no JSON.");
            assertThat(garbled.attempt.results()).containsExactly("failed");
            garbled.assertNothingHeld(text);
        }
    }

    @Test
    void endsWellWhateverFollowsTheDocument() {
        assertThat(Relayed.document().send(ANSWER).breaks().completed()).isTrue();
        assertThat(Relayed.document().send(ANSWER).send("\n").breaks().completed())
                .isTrue();

        Relayed junk = Relayed.document().send(ANSWER).send("junk").ends();
        assertThat(junk.text()).isEqualTo(ANSWER);
        assertThat(junk.completed()).isTrue();
        junk.assertNothingHeld("junk");
    }

    private static void fails(Relayed relayed) {
        assertThat(relayed.failure())
                .isInstanceOf(UpstreamUnavailableException.class)
                .hasMessage("The upstream ended the answer before it was complete.");
        assertThat(relayed.attempt.breakers()).isEqualTo("failure");
        assertThat(relayed.attempt.results()).containsExactly("failed");
        relayed.assertNothingHeld("failed");
    }
}

package io.deepgate.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UpstreamKeyTests {

    private final UpstreamKey key = new UpstreamKey("sk-0123456789abcdef3750");

    @Test
    void isSentAsABearer() {
        assertThat(key.bearer()).isEqualTo("Bearer sk-0123456789abcdef3750");
    }

    @Test
    void showsNothingOfItself() {
        assertThat(key).hasToString("UpstreamKey[masked]");
    }

    @Test
    void masksItselfWhole() {
        assertThat(key.maskedIn("Key sk-0123456789abcdef3750 is bad: sk-0123456789abcdef3750"))
                .isEqualTo("Key [masked] is bad: [masked]");
    }

    @Test
    void masksTheEndThatProvidersShow() {
        assertThat(key.maskedIn("Authentication Fails, Your api key: ****3750 is invalid"))
                .isEqualTo("Authentication Fails, Your api key: [masked] is invalid");
    }

    @Test
    void leavesAllElseAsItIs() {
        String text = "3750 requests, ****3751, sk-0123";

        assertThat(key.maskedIn(text)).isEqualTo(text);
    }
}

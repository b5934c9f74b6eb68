package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.usage.Outcome;
import org.junit.jupiter.api.Test;

class ErrorTableTests {

    @Test
    void makesAFailureOfWhatNobodyForesaw() {
        Throwable failure = new IllegalStateException("sk-secret");

        // Rejected would say that the upstream was never called, and give back what the call has used.
        assertThat(ErrorTable.outcome(failure)).isEqualTo(Outcome.FAILED);
        assertThat(ErrorTable.of(failure).status()).isEqualTo(500);
        assertThat(ErrorTable.of(failure).message()).doesNotContain("sk-secret");
    }
}

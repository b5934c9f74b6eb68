package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitsTests {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0ms",
        "PT0.000000001S, 1ms",
        "PT0.02S, 20ms",
        "PT0.999S, 999ms",
        "PT0.9990001S, 1s",
        "PT1S, 1s",
        "PT6.2S, 7s",
        "PT7S, 7s",
        "PT59S, 59s",
        "PT59.001S, 1m0s",
        "PT6M, 6m0s",
        "PT6M0.5S, 6m1s",
        "PT75M3S, 75m3s"
    })
    void writesTimesAsOpenAiDoes(Duration time, String written) {
        assertThat(RateLimits.duration(time.toNanos())).isEqualTo(written);
    }
}

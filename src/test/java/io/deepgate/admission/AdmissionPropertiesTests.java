package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class AdmissionPropertiesTests {

    @EnableConfigurationProperties(AdmissionProperties.class)
    private static final class Admission {}

    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withUserConfiguration(Admission.class);

    @Test
    void haveDefaults() {
        context.run(
                bound -> assertThat(bound.getBean(AdmissionProperties.class)).isEqualTo(claiming(2048)));
    }

    @Test
    void refuseClaimsThatAreNone() {
        for (String wrong : new String[] {"0", "1000001"}) {
            context.withPropertyValues("gateway.admission.completion-claim=" + wrong)
                    .run(failed -> assertThat(failed)
                            .getFailure()
                            .rootCause()
                            .hasMessage("gateway.admission.completion-claim is " + wrong + ": write 1 to 1000000"));
        }
    }

    @Test
    void refuseSharesThatAreNone() {
        for (String wrong : new String[] {"0", "1", "-0.5"}) {
            context.withPropertyValues("gateway.admission.budget-warnings=0.5, " + wrong)
                    .run(failed ->
                            assertThat(failed).getFailure().rootCause().hasMessageContaining("above 0 and below 1"));
        }
    }

    @Test
    void refuseALeastClaimAboveTheMost() {
        context.withPropertyValues(
                        "gateway.admission.completion-claim=10", "gateway.admission.least-completion-claim=11")
                .run(failed -> assertThat(failed)
                        .getFailure()
                        .rootCause()
                        .hasMessage("gateway.admission.least-completion-claim is 11: write 1 to 10"));
    }

    @Test
    void refuseTimesThatWouldBreakAPromise() {
        wrong("redis.timeout=51ms", "timeout is PT0.051S: write 1ms to 50ms");
        wrong("redis.lease=26s", "lease is PT26S: write 3s to 25s");
        wrong("restore=500ms", "restore is PT0.5S: write 1s or more");
    }

    private void wrong(String property, String reason) {
        context.withPropertyValues("gateway.admission." + property)
                .run(failed -> assertThat(failed).getFailure().rootCause().hasMessageContaining(reason));
    }

    /** The defaults, but for the most completion tokens that are claimed. */
    static AdmissionProperties claiming(int completion) {
        return new AdmissionProperties(
                AdmissionProperties.Store.MEMORY, redis(), completion, 1, List.of(0.8, 0.95), Duration.ofSeconds(30));
    }

    /** The defaults. */
    static AdmissionProperties.Redis redis() {
        return new AdmissionProperties.Redis(
                Duration.ofMillis(50), Duration.ofSeconds(15), AdmissionProperties.Redis.Unavailable.SHARE);
    }
}

package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

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
                bound -> assertThat(bound.getBean(AdmissionProperties.class)).isEqualTo(new AdmissionProperties(2048)));
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
}

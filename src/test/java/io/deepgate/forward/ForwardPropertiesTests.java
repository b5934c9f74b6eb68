package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class ForwardPropertiesTests {

    @EnableConfigurationProperties(ForwardProperties.class)
    private static final class Forward {}

    private final ApplicationContextRunner context =
            new ApplicationContextRunner().withUserConfiguration(Forward.class);

    @Test
    void haveDefaults() {
        context.run(bound -> assertThat(bound.getBean(ForwardProperties.class))
                .isEqualTo(new ForwardProperties(3000, Duration.ofSeconds(30))));
    }

    @ParameterizedTest
    @CsvSource({
        "max-connections, 0, gateway.forward.max-connections is 0: write 1 or more",
        "max-idle, 999ms, gateway.forward.max-idle is PT0.999S: write 1s or more",
    })
    void nameTheKeyThatIsWrong(String key, String value, String message) {
        context.withPropertyValues("gateway.forward." + key + "=" + value)
                .run(failed -> assertThat(failed).getFailure().rootCause().hasMessage(message));
    }
}

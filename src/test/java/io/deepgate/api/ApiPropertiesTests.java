package io.deepgate.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.util.unit.DataSize;

class ApiPropertiesTests {

    @EnableConfigurationProperties(ApiProperties.class)
    private static final class Api {}

    private final ApplicationContextRunner context = new ApplicationContextRunner().withUserConfiguration(Api.class);

    @Test
    void haveDefaults() {
        context.run(bound -> assertThat(bound.getBean(ApiProperties.class))
                .isEqualTo(new ApiProperties(DataSize.ofMegabytes(48), Duration.ofMinutes(1), null)));
    }

    @ParameterizedTest
    @CsvSource({
        "max-request-size, 1023B, write 1KB to 512MB",
        "max-request-size, 513MB, write 1KB to 512MB",
        "request-timeout, 999ms, write 1s or more",
    })
    void nameTheKeyThatIsWrong(String key, String value, String instead) {
        context.withPropertyValues("gateway.api." + key + "=" + value)
                .run(failed -> assertThat(failed)
                        .getFailure()
                        .rootCause()
                        .hasMessageMatching("gateway\\.api\\." + key + " is .*: " + instead));
    }

    @ParameterizedTest
    @CsvSource({"max-request-size, 1KB", "max-request-size, 512MB", "request-timeout, 1s"})
    void takeTheirBounds(String key, String value) {
        context.withPropertyValues("gateway.api." + key + "=" + value)
                .run(bound -> assertThat(bound).hasNotFailed());
    }
}

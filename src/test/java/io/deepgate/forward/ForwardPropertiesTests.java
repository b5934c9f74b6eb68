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
                .isEqualTo(new ForwardProperties(
                        3000,
                        Duration.ofSeconds(30),
                        new ForwardProperties.Retries(2, Duration.ofMillis(200), Duration.ofSeconds(2), 0.1, 3),
                        new ForwardProperties.Queue(1000, Duration.ofSeconds(10)),
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(1))));
    }

    @ParameterizedTest
    @CsvSource({
        "max-connections, 0, gateway.forward.max-connections is 0: write 1 or more",
        "retries.most, -1, gateway.forward.retries.most is -1: write 0 or more",
        "retries.least-per-minute, -1, gateway.forward.retries.least-per-minute is -1: write 0 or more",
        "retries.budget, 1.1, gateway.forward.retries.budget is 1.1: write 0 to 1",
        "retries.budget, NaN, gateway.forward.retries.budget is NaN: write 0 to 1",
        "retries.backoff, 3s, gateway.forward.retries.backoff is PT3S and gateway.forward.retries.longest PT2S:"
                + " write 1ms or more; the longest not shorter",
        "queue.length, -1, gateway.forward.queue.length is -1: write 0 or more",
        "queue.timeout, 0ms, gateway.forward.queue.timeout is PT0S: write 1ms or more",
        "probe-interval, 9ms, gateway.forward.probe-interval is PT0.009S: write 10ms or more",
        "key-rest, 999ms, gateway.forward.key-rest is PT0.999S: write 1s or more",
        "max-idle, 999ms, gateway.forward.max-idle is PT0.999S: write 1s or more",
    })
    void nameTheKeyThatIsWrong(String key, String value, String message) {
        context.withPropertyValues("gateway.forward." + key + "=" + value)
                .run(failed -> assertThat(failed).getFailure().rootCause().hasMessage(message));
    }
}

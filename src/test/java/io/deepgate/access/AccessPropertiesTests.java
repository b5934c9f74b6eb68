package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class AccessPropertiesTests {

    @EnableConfigurationProperties(AccessProperties.class)
    private static final class Access {}

    private final ApplicationContextRunner context = new ApplicationContextRunner().withUserConfiguration(Access.class);

    @Test
    void haveDefaults() {
        context.run(bound -> assertThat(bound.getBean(AccessProperties.class))
                .isEqualTo(new AccessProperties(Path.of("config/tenants.yaml"), Duration.ofSeconds(1), null)));
    }

    @Test
    void bindTheLocalTenant() {
        context.withPropertyValues("gateway.access.local.tenant=sandbox", "gateway.access.reload=100ms")
                .run(bound -> assertThat(bound.getBean(AccessProperties.class).local())
                        .isEqualTo(new AccessProperties.Local("sandbox", null)));
    }

    @Test
    void refuseToReadTheFileAllTheTime() {
        context.withPropertyValues("gateway.access.reload=99ms")
                .run(failed -> assertThat(failed)
                        .getFailure()
                        .rootCause()
                        .hasMessage("gateway.access.reload is PT0.099S: write 100ms or more"));
    }
}

package io.deepgate.sandbox;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Starts the look-alike with the profile of its name. */
@Configuration(proxyBeanMethods = false)
@Profile("sandbox")
@EnableConfigurationProperties(SandboxProperties.class)
final class SandboxConfiguration {

    @Bean(destroyMethod = "close")
    Sandbox sandbox(SandboxProperties properties) {
        return Sandbox.start(properties);
    }
}

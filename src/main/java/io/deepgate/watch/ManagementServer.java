package io.deepgate.watch;

import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import reactor.netty.resources.LoopResources;

/**
 * Gives the management port an event loop of its own, so that it answers when those of the tenants' port have too much to
 * do. Spring Boot finds it by name, since as a configuration it would count for the tenants' port too.
 */
final class ManagementServer {

    @Bean(destroyMethod = "dispose")
    @ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
    LoopResources managementLoops() {
        return LoopResources.create("management", 1, true);
    }

    /** By the factory, as Spring Boot asks no customizer of Netty's server about this port. */
    @Bean
    @ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> managementServer(LoopResources loops) {
        return factory -> factory.addServerCustomizers(server -> server.runOn(loops));
    }
}

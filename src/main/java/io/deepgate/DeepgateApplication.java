package io.deepgate;

import io.deepgate.access.ApiKeySecurity;
import io.deepgate.admission.Limiter;
import io.deepgate.admission.OpenCalls;
import io.deepgate.api.Envelope;
import io.deepgate.api.ErrorWriter;
import io.deepgate.api.RequestReader;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Rewrite;
import io.deepgate.forward.Forwarder;
import io.deepgate.shadow.ShadowSink;
import io.deepgate.shadow.Shadows;
import io.deepgate.usage.CallTraces;
import io.deepgate.usage.EcsLines;
import io.deepgate.usage.UsageRecorder;
import io.deepgate.watch.Commands;
import io.deepgate.watch.EndSignals;
import io.deepgate.watch.UsageApi;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.Console;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.security.core.AuthenticationException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import reactor.core.publisher.Mono;
import reactor.netty.ReactorNetty;

/** Starts the gateway, or runs one of the operator's commands. Each package's beans are in its {@code …Configuration}. */
@SpringBootConfiguration(proxyBeanMethods = false)
@ComponentScan(
        resourcePattern = "*/*Configuration.class",
        excludeFilters = @ComponentScan.Filter(ManagementContextConfiguration.class))
@ImportAutoConfiguration // those of META-INF/spring/io.deepgate.DeepgateApplication.imports
public class DeepgateApplication {

    public static void main(String[] args) {
        if (Commands.isCommand(args)) {
            System.exit(Commands.run(DeepgateApplication.class, args));
        }
        SpringApplication application = new SpringApplication(DeepgateApplication.class);
        Console console = System.console();
        if (console == null || !console.isTerminal()) {
            application.setDefaultProperties(Map.of("logging.structured.format.console", EcsLines.class.getName()));
        }
        takeLoopPerProcessor();
        EndSignals.handle();
        EndSignals.closeFirst(application.run(args));
    }

    /** Reactor Netty makes four at least: more than there are processors, each finds less to do at a time for the same effort. */
    private static void takeLoopPerProcessor() {
        System.getProperties()
                .putIfAbsent(
                        ReactorNetty.IO_WORKER_COUNT,
                        Integer.toString(Runtime.getRuntime().availableProcessors()));
    }

    @Bean
    NettyServerCustomizer earlyRefusal(OpenCalls openCalls, ErrorWriter errors) {
        return server -> EarlyRefusal.in(server, openCalls, errors);
    }

    @Bean
    @ConditionalOnWebApplication
    ShadowSink shadowRecords(UsageRecorder recorder) {
        return new ShadowRecords(recorder);
    }

    /** All that the tenants' port serves: a key becomes a caller, then a path finds its handler. */
    @Bean
    HttpHandler httpHandler(
            ApiKeySecurity security,
            OpenCalls openCalls,
            Limiter limiter,
            RequestReader reader,
            LiveCatalog catalog,
            Rewrite rewrite,
            Forwarder forwarder,
            Shadows shadows,
            UsageRecorder recorder,
            CallTraces traces,
            ErrorWriter errors,
            UsageApi usage,
            MeterRegistry meters) {
        var handler = new GatewayHandler(
                openCalls, limiter, reader, catalog, rewrite, forwarder, shadows, recorder, traces, errors);
        Counter rejected = Counter.builder("gateway.access.rejected")
                .description("Requests without a valid API key")
                .register(meters);
        return WebHttpHandlerBuilder.webHandler(new GatewayRoutes(handler, catalog, usage, errors))
                .filter(security.filter((refused, failure) -> {
                    rejected.increment();
                    return unauthenticated(refused.getExchange(), failure, errors);
                }))
                .build();
    }

    private static Mono<Void> unauthenticated(
            ServerWebExchange exchange, AuthenticationException failure, ErrorWriter errors) {
        String path = exchange.getRequest().getPath().value();
        return errors.write(exchange.getResponse(), ErrorTable.of(failure), Envelope.ofPath(path));
    }
}

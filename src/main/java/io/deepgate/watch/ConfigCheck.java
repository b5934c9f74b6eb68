package io.deepgate.watch;

import io.deepgate.access.TenantsFile;
import io.deepgate.admission.AdmissionProperties;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Route;
import io.deepgate.forward.UpstreamModels;
import io.deepgate.usage.UsageProperties;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.Tracer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.CorsEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.ssl.SslProperties;
import org.springframework.boot.autoconfigure.web.WebProperties;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.reactor.netty.autoconfigure.ReactorNettyProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.webflux.autoconfigure.ReactiveMultipartProperties;
import org.springframework.boot.webflux.autoconfigure.WebFluxProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/** Reads all of the configuration as the gateway would at its start, but serves nothing. */
final class ConfigCheck {

    /** What was found; with errors the gateway would not start. */
    record Result(List<String> errors, List<String> warnings, String summary) {}

    /** Only a web application has these as beans. */
    static final List<Class<?>> ONLY_OF_SERVERS = List.of(
            ServerProperties.class,
            NettyServerProperties.class,
            ManagementServerProperties.class,
            WebEndpointProperties.class,
            CorsEndpointProperties.class,
            ReactorNettyProperties.class,
            WebFluxProperties.class,
            ReactiveMultipartProperties.class,
            WebProperties.class);

    /** What libraries make at a start, and refuse then. */
    private static final List<Class<?>> STARTED =
            List.of(CircuitBreakerRegistry.class, DataSource.class, RedisConnectionFactory.class, Tracer.class);

    private final List<String> errors = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private ConfigCheck() {}

    static Result of(Class<?> application) {
        ConfigCheck check = new ConfigCheck();
        String summary = "";
        AtomicReference<ConfigurableEnvironment> read = new AtomicReference<>(new StandardEnvironment());
        try (ConfigurableApplicationContext context = context(application, read)) {
            summary = check.look(context, application);
        } catch (RuntimeException e) {
            if (check.errors.isEmpty()) {
                check.errors.addAll(refused(e, read.get()));
            }
        }
        return new Result(check.errors, check.warnings, summary);
    }

    /** Why nothing could be looked at. */
    private static List<String> refused(RuntimeException failure, ConfigurableEnvironment environment) {
        List<String> mistakes = StartRules.mistakes(environment);
        if (!mistakes.isEmpty()) {
            return mistakes;
        }
        FailureAnalysis known = new StartupFailureAnalyzer().analyze(failure);
        return List.of(known == null ? Mistake.of(failure, environment) : known.getDescription());
    }

    private static ConfigurableApplicationContext context(
            Class<?> application, AtomicReference<ConfigurableEnvironment> read) {
        return new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .lazyInitialization(true)
                .logStartupInfo(false)
                .properties("logging.level.root=off", "logging.level.org.springframework.boot.diagnostics=off")
                .initializers(context -> read.set(context.getEnvironment()))
                .run();
    }

    private String look(ConfigurableApplicationContext context, Class<?> application) {
        ConfigurableEnvironment environment = context.getEnvironment();
        for (String name : context.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
            attempt(environment, () -> context.getBean(name));
        }
        ONLY_OF_SERVERS.forEach(type -> attempt(environment, () -> bind(type, environment)));
        errors.addAll(StartRules.mistakes(environment));
        attempt(environment, () -> context.getBean(LiveCatalog.class));
        attempt(environment, () -> context.getBean(TenantsFile.class));
        attempt(environment, () -> context.getBean(OidcClients.class));
        warnings.addAll(UnknownKeys.in(environment, application.getPackage()));
        if (!errors.isEmpty()) {
            return "";
        }
        attempt(environment, () -> warnings.addAll(certificates(context, environment)));
        STARTED.forEach(
                type -> attempt(environment, () -> context.getBeanProvider(type).getIfAvailable()));
        attempt(
                environment,
                () -> requireWritable(
                        Path.of(context.getBean(UsageProperties.class).directory())));
        attempt(environment, () -> slugs(context).requireListed());
        String operators = new Operators(context.getBean(WatchProperties.class).operators())
                .warning(!context.getBean(OidcClients.class).isEmpty());
        if (operators != null) {
            warnings.add(Mistake.placed(operators, environment));
        }
        TenantsFile tenants = context.getBean(TenantsFile.class);
        Catalog catalog = context.getBean(LiveCatalog.class).current();
        warnings.addAll(tenants.warnings());
        catalog.warnings().forEach(warning -> warnings.add(Mistake.placed(warning, environment)));
        warnings.addAll(IdleRules.of(catalog, tenants, environment));
        warnings.addAll(IdleLimits.of(tenants, catalog, context.getBean(AdmissionProperties.class)));
        long aliases = catalog.routes().stream().map(Route::alias).distinct().count();
        return tenants.current().all().size() + " tenants, " + aliases + " aliases";
    }

    private static <T> T bind(Class<T> type, Environment environment) {
        String prefix =
                MergedAnnotations.from(type).get(ConfigurationProperties.class).getString("prefix");
        return Binder.get(environment).bindOrCreate(prefix, type);
    }

    private static List<String> certificates(
            ConfigurableApplicationContext context, ConfigurableEnvironment environment) {
        TlsBundles tls = new TlsBundles(context.getBean(SslBundles.class), context.getBean(SslProperties.class));
        tls.requireServer(
                "server.ssl", bind(ServerProperties.class, environment).getSsl());
        tls.requireServer(
                "management.server.ssl",
                bind(ManagementServerProperties.class, environment).getSsl());
        return tls.ended(Instant.now()).stream()
                .map(ended -> Mistake.placed(ended, environment))
                .toList();
    }

    private static SlugCheck slugs(ConfigurableApplicationContext context) {
        return new SlugCheck(
                context.getBean(LiveCatalog.class),
                context.getBean(UpstreamModels.class),
                context.getBean(CatalogProperties.class),
                context.getBean(MeterRegistry.class));
    }

    /** Whether the gateway could make it, or what is missing of it; nothing is made here. */
    private static void requireWritable(Path directory) {
        Path there = directory.toAbsolutePath();
        while (!Files.exists(there)) {
            there = Objects.requireNonNull(there.getParent());
        }
        if (!Files.isDirectory(there) || !Files.isWritable(there)) {
            throw new IllegalArgumentException("gateway.usage.directory is " + directory
                    + ", where this process cannot write: let it, or set another");
        }
    }

    private void attempt(ConfigurableEnvironment environment, Runnable reading) {
        try {
            reading.run();
        } catch (RuntimeException e) {
            String reason = Mistake.of(e, environment);
            if (!errors.contains(reason)) {
                errors.add(reason);
            }
        }
    }
}

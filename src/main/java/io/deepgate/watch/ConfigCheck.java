package io.deepgate.watch;

import io.deepgate.access.TenantsFile;
import io.deepgate.admission.AdmissionProperties;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Route;
import io.deepgate.forward.UpstreamModels;
import io.deepgate.usage.UsageProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.StandardEnvironment;

/** Reads all of the configuration as the gateway would at its start, but serves nothing. */
final class ConfigCheck {

    /** What was found; with errors the gateway would not start. */
    record Result(List<String> errors, List<String> warnings, String summary) {}

    private final List<String> errors = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private ConfigCheck() {}

    static Result of(Class<?> application) {
        ConfigCheck check = new ConfigCheck();
        String summary = "";
        try (ConfigurableApplicationContext context = context(application)) {
            summary = check.look(context, application);
        } catch (RuntimeException e) {
            FailureAnalysis known = new StartupFailureAnalyzer().analyze(e);
            check.errors.add(known == null ? Mistake.of(e, new StandardEnvironment()) : known.getDescription());
        }
        return new Result(check.errors, check.warnings, summary);
    }

    private static ConfigurableApplicationContext context(Class<?> application) {
        return new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .lazyInitialization(true)
                .logStartupInfo(false)
                .properties("logging.level.root=off", "logging.level.org.springframework.boot.diagnostics=off")
                .run();
    }

    private String look(ConfigurableApplicationContext context, Class<?> application) {
        ConfigurableEnvironment environment = context.getEnvironment();
        for (String name : context.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
            attempt(environment, () -> context.getBean(name));
        }
        // Only a web application has these as a bean.
        attempt(environment, () -> Binder.get(environment).bindOrCreate("server", ServerProperties.class));
        attempt(environment, () -> context.getBean(LiveCatalog.class));
        attempt(environment, () -> context.getBean(TenantsFile.class));
        attempt(environment, () -> context.getBean(OidcClients.class));
        warnings.addAll(UnknownKeys.in(environment, application.getPackage()));
        if (!errors.isEmpty()) {
            return "";
        }
        attempt(
                environment,
                () -> requireWritable(
                        Path.of(context.getBean(UsageProperties.class).directory())));
        attempt(environment, () -> slugs(context).requireListed());
        TenantsFile tenants = context.getBean(TenantsFile.class);
        Catalog catalog = context.getBean(LiveCatalog.class).current();
        warnings.addAll(tenants.warnings());
        catalog.warnings().forEach(warning -> warnings.add(Mistake.placed(warning, environment)));
        warnings.addAll(IdleRules.of(catalog, tenants, environment));
        warnings.addAll(IdleLimits.of(tenants, catalog, context.getBean(AdmissionProperties.class)));
        long aliases = catalog.routes().stream().map(Route::alias).distinct().count();
        return tenants.current().all().size() + " tenants, " + aliases + " aliases";
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

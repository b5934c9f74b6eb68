package io.deepgate.watch;

import io.deepgate.access.Tenants;
import io.deepgate.access.TenantsFile;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.LiveCatalog;
import io.deepgate.catalog.Route;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
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
            summary = check.look(context);
        } catch (RuntimeException e) {
            check.errors.add(Mistake.of(e, new StandardEnvironment()));
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

    private String look(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        for (String name : context.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
            attempt(environment, () -> context.getBean(name));
        }
        // Only a web application has these as a bean.
        attempt(environment, () -> Binder.get(environment).bindOrCreate("server", ServerProperties.class));
        attempt(environment, () -> context.getBean(LiveCatalog.class));
        attempt(environment, () -> context.getBean(TenantsFile.class));
        if (!errors.isEmpty()) {
            return "";
        }
        Tenants tenants = context.getBean(TenantsFile.class).current();
        warnings.addAll(tenants.warnings());
        Catalog catalog = context.getBean(LiveCatalog.class).current();
        warnings.addAll(catalog.warnings());
        long aliases = catalog.routes().stream().map(Route::alias).distinct().count();
        return tenants.all().size() + " tenants, " + aliases + " aliases";
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

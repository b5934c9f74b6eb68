package io.deepgate.watch;

import io.deepgate.access.Tenants;
import io.deepgate.access.TenantsFile;
import io.deepgate.catalog.Catalog;
import io.deepgate.catalog.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.TypeDescriptor;

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
            check.errors.add(reason(e));
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
        for (String name : context.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
            attempt(() -> context.getBean(name));
        }
        // Only a web application has these as a bean.
        attempt(() -> Binder.get(context.getEnvironment()).bindOrCreate("server", ServerProperties.class));
        attempt(() -> context.getBean(Catalog.class));
        attempt(() -> context.getBean(TenantsFile.class));
        if (!errors.isEmpty()) {
            return "";
        }
        Tenants tenants = context.getBean(TenantsFile.class).current();
        warnings.addAll(tenants.warnings());
        Catalog catalog = context.getBean(Catalog.class);
        warnings.addAll(catalog.warnings());
        long aliases = catalog.routes().stream().map(Route::alias).distinct().count();
        return tenants.all().size() + " tenants, " + aliases + " aliases";
    }

    private void attempt(Runnable reading) {
        try {
            reading.run();
        } catch (RuntimeException e) {
            String reason = reason(e);
            if (!errors.contains(reason)) {
                errors.add(reason);
            }
        }
    }

    /** The innermost sentence, with the place of the value that it is about, where Boot knows one. */
    private static String reason(Throwable failure) {
        String place = "";
        Throwable cause = failure;
        while (cause.getCause() != null) {
            if (cause instanceof BindException bind && bind.getProperty() != null) {
                Origin origin = bind.getProperty().getOrigin();
                place = bind.getProperty().getName() + (origin == null ? "" : " (" + origin + ")") + ": ";
            }
            if (cause instanceof ConversionFailedException conversion
                    && conversion.getTargetType().getType().isEnum()) {
                return place + "'" + conversion.getValue() + "' is none of " + names(conversion.getTargetType());
            }
            cause = cause.getCause();
        }
        return place + cause.getMessage();
    }

    /** The constants of an enum as configuration has them. */
    private static String names(TypeDescriptor type) {
        return Stream.of(type.getType().getEnumConstants())
                .map(constant -> constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
    }
}

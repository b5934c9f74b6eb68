package io.deepgate.watch;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.Environment;
import org.springframework.core.io.Resource;

/** Where a property's value is written, as {@code file:line: }, to stand before a sentence about it. */
final class Place {

    private Place() {}

    /** Nothing where the property is not set, or not in a file. */
    static String of(String property, Environment environment) {
        if (!ConfigurationPropertyName.isValid(property)) {
            return "";
        }
        ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty found = source.getConfigurationProperty(name);
            if (found != null) {
                return of(found.getOrigin());
            }
        }
        return "";
    }

    /** Nothing where it is not in a file. */
    static String of(@Nullable Origin origin) {
        Origin written = origin instanceof PropertySourceOrigin source ? source.getOrigin() : origin;
        if (!(written instanceof TextResourceOrigin text) || text.getResource() == null || text.getLocation() == null) {
            return "";
        }
        return file(text.getResource()) + ":" + (text.getLocation().getLine() + 1) + ": ";
    }

    private static String file(Resource resource) {
        try {
            Path file = resource.getFile().toPath().toAbsolutePath().normalize();
            Path here = Path.of("").toAbsolutePath();
            return (file.startsWith(here) ? here.relativize(file) : file).toString();
        } catch (IOException e) {
            return resource.getDescription();
        }
    }
}

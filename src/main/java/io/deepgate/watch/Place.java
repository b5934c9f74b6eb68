package io.deepgate.watch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/** Where a property's value is written, as {@code file:line: }, to stand before a sentence about it. */
final class Place {

    private Place() {}

    /** That of the property, or of the first below it; nothing where none is written in a file of the operator's. */
    static String of(String property, Environment environment) {
        String flat = flat(property);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            Optional<Origin> first = source instanceof IterableConfigurationPropertySource names
                    ? names.stream()
                            .filter(name -> (flat(name.toString()) + ".").startsWith(flat + "."))
                            .map(name -> Origin.from(source.getConfigurationProperty(name)))
                            .filter(Objects::nonNull)
                            .min(Comparator.comparingInt(Place::line))
                    : Optional.empty();
            if (first.isPresent()) {
                return of(first.get());
            }
        }
        return "";
    }

    /** Sentences write names of maps as they are, configuration in brackets where they have odd letters. */
    private static String flat(String property) {
        return property.replace("[", ".")
                .replaceAll("[]_-]", "")
                .replaceAll("^\\.+", "")
                .toLowerCase(Locale.ROOT);
    }

    /** Nothing where it is not in a file of the operator's. */
    static String of(@Nullable Origin origin) {
        TextResourceOrigin text = text(origin);
        Path file = file(origin);
        Path here = Path.of("").toAbsolutePath();
        return text == null || file == null
                ? ""
                : (file.startsWith(here) ? here.relativize(file) : file) + ":" + line(text) + ": ";
    }

    /** The operator's file that it is in; null where it is in none. */
    static @Nullable Path file(@Nullable Origin origin) {
        TextResourceOrigin text = text(origin);
        Resource resource = text == null ? null : text.getResource();
        if (resource == null || resource instanceof ClassPathResource) {
            return null;
        }
        try {
            return resource.getFile().toPath().toAbsolutePath().normalize();
        } catch (IOException e) {
            return null;
        }
    }

    private static @Nullable TextResourceOrigin text(@Nullable Origin origin) {
        Origin written = origin instanceof PropertySourceOrigin source ? source.getOrigin() : origin;
        return written instanceof TextResourceOrigin text && text.getLocation() != null ? text : null;
    }

    /** Counted from 1; 0 where it is in no file. */
    private static int line(Origin origin) {
        TextResourceOrigin text = text(origin);
        return text == null || text.getLocation() == null
                ? 0
                : text.getLocation().getLine() + 1;
    }
}

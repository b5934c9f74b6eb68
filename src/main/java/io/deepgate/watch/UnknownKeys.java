package io.deepgate.watch;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Finds what is configured below {@code gateway} and read by nothing, and says what was probably meant. */
final class UnknownKeys {

    private final Known all;
    private final Map<String, String> found = new LinkedHashMap<>();

    private UnknownKeys(Known all) {
        this.all = all;
    }

    /**
     * A sentence each. The process's environment is left out: Kubernetes writes names of its own there.
     *
     * @param home where the types are that properties are bound to
     */
    static List<String> in(ConfigurableEnvironment environment, Package home) {
        UnknownKeys unknown = new UnknownKeys(Known.in(home));
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (!(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)) {
                unknown.look(source);
            }
        }
        for (Path file : ConfigFiles.all(environment)) {
            ConfigFiles.sources(file).forEach(unknown::look);
        }
        return List.copyOf(unknown.found.values());
    }

    private void look(@Nullable ConfigurationPropertySource source) {
        if (source instanceof IterableConfigurationPropertySource names) {
            for (ConfigurationPropertyName name : names) {
                look(source.getConfigurationProperty(name), name);
            }
        }
    }

    private void look(@Nullable ConfigurationProperty property, ConfigurationPropertyName name) {
        String place = property == null ? "" : Place.of(property.getOrigin());
        Known at = all;
        for (int i = 0; i < name.getNumberOfElements(); i++) {
            Known next = at.part(name.getElement(i, Form.UNIFORM));
            if (next == null) {
                if (i > 0 || nearest(at, name.getElement(0, Form.UNIFORM)) != null) {
                    note(place, name, i, at);
                }
                return;
            }
            if (next.isValue() && next.name().isEmpty()) {
                return;
            }
            at = next;
        }
    }

    /** All below the same unknown name is said once. */
    private void note(String place, ConfigurationPropertyName name, int at, Known known) {
        String property = name.chop(at + 1).toString();
        found.putIfAbsent(
                place.isEmpty() ? property : place, place + property + " is read by nothing: " + mend(name, at, known));
    }

    private static String mend(ConfigurationPropertyName name, int at, Known known) {
        String near = nearest(known, name.getElement(at, Form.UNIFORM));
        if (near != null) {
            return "write " + near;
        }
        if (known.isValue()) {
            return name.chop(at) + " takes one value, and nothing below it";
        }
        String dotted = known.name().isEmpty() && at > 0 && !name.isNumericIndex(at - 1)
                ? ". A name with a dot in it needs brackets, such as \"[" + name.getElement(at - 1, Form.ORIGINAL) + "."
                        + name.getElement(at, Form.ORIGINAL) + "]\""
                : "";
        return known.parts().values().stream().map(Known::name).collect(Collectors.joining(", ", "write one of ", ""))
                + dotted;
    }

    /** The known name that takes the fewest letters to make of {@code unknown}; null if it takes too many. */
    private static @Nullable String nearest(Known known, String unknown) {
        String nearest = null;
        int least = 1 + unknown.length() / 3;
        for (Map.Entry<String, Known> part : known.parts().entrySet()) {
            int distance = distance(part.getKey(), unknown);
            if (distance <= least) {
                least = distance - 1;
                nearest = part.getValue().name();
            }
        }
        return nearest;
    }

    /** Letters to put in, take out or replace, after Levenshtein. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}

package io.deepgate.watch;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.origin.Origin;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** What is wrong with the configuration, as one sentence behind the file and the line that it is about. */
final class Mistake {

    private static final String OURS = "gateway.";

    private Mistake() {}

    /** @param environment where the place of what is wrong is looked up */
    static String of(Throwable failure, ConfigurableEnvironment environment) {
        BindException bind = null;
        String property = null;
        String instead = null;
        Throwable cause = failure;
        while (true) {
            if (cause instanceof BindException innermost) {
                bind = innermost;
            }
            if (cause instanceof InvalidConfigurationPropertyValueException invalid) {
                property = invalid.getName();
            }
            if (cause instanceof MarkedYAMLException syntax) {
                return ofYaml(syntax, environment);
            }
            if (cause instanceof UnboundConfigurationPropertiesException unknown) {
                ConfigurationProperty first =
                        unknown.getUnboundProperties().iterator().next();
                return Place.of(first.getOrigin()) + first.getName() + " is read by nothing: take it out";
            }
            // What could not be read may be said before whose value it is, or behind.
            if (instead == null && cause instanceof ConversionFailedException conversion) {
                instead = Wanted.instead(conversion);
            }
            if (cause.getCause() == null) {
                break;
            }
            cause = cause.getCause();
        }
        if (instead != null) {
            return property == null ? at(bind) + instead : placed(property + ": " + instead, environment);
        }
        String said =
                Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
        return bind != null && bind.getProperty() != null ? at(bind) + said : placed(said, bind, environment);
    }

    /** Our own sentences begin with the property they are about, the last part of it where a part of a record says it. */
    private static String placed(String said, @Nullable BindException bind, ConfigurableEnvironment environment) {
        return placed(said.startsWith(OURS) || bind == null ? said : bind.getName() + "." + said, environment);
    }

    /** {@code sentence} behind the place of the property that it begins with. */
    static String placed(String sentence, ConfigurableEnvironment environment) {
        String name = sentence.split(": | ", 2)[0];
        return name.contains(".") ? Place.of(name, environment) + sentence : sentence;
    }

    private static String at(@Nullable BindException bind) {
        ConfigurationProperty property = bind == null ? null : bind.getProperty();
        if (property == null) {
            return "";
        }
        Origin origin = property.getOrigin();
        String place = Place.of(origin);
        return place.isEmpty() && origin != null
                ? property.getName() + " (" + origin + "): "
                : place + property.getName() + ": ";
    }

    private static String ofYaml(MarkedYAMLException syntax, ConfigurableEnvironment environment) {
        int line = syntax.getProblemMark() == null ? 0 : syntax.getProblemMark().getLine() + 1;
        return ConfigFiles.unreadable(environment) + ":" + line + ": is no YAML: " + syntax.getProblem();
    }
}

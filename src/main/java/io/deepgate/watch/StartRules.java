package io.deepgate.watch;

import java.util.List;
import java.util.function.Function;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** What a start is refused for in words of ours, where libraries would say less, later or nothing. */
final class StartRules {

    /** Each finds sentences about properties, which they begin with. */
    private static final List<Function<Environment, List<String>>> ALL = List.of(
            Ports::mistakes, TlsFiles::mistakes, Addresses::mistakes, DatabaseUrl::mistakes, LibraryRules::mistakes);

    /** @throws IllegalArgumentException with all that is wrong */
    StartRules(ConfigurableEnvironment environment) {
        List<String> mistakes = mistakes(environment);
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", mistakes));
        }
    }

    /** A sentence each, behind its place; what cannot be read at all is said where it is bound. */
    static List<String> mistakes(ConfigurableEnvironment environment) {
        return ALL.stream()
                .flatMap(rule -> mistakes(rule, environment).stream())
                .map(mistake -> Mistake.placed(mistake, environment))
                .toList();
    }

    private static List<String> mistakes(Function<Environment, List<String>> rule, Environment environment) {
        try {
            return rule.apply(environment);
        } catch (ConversionException | BindException e) {
            return List.of();
        }
    }
}

package io.deepgate.watch;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/** Says which property keeps the gateway from starting, with file and line, as {@code config check} does. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class MistakeAnalyzer implements FailureAnalyzer {

    private static final String OURS = "gateway.";
    private static final String ANOTHER = "Mend it, or set another.";

    private final ConfigurableEnvironment environment;

    MistakeAnalyzer(Environment environment) {
        this.environment = (ConfigurableEnvironment) environment;
    }

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException || cause instanceof InvalidConfigurationPropertyValueException) {
                return new FailureAnalysis(Mistake.of(failure, environment), ANOTHER, failure);
            }
            if (cause.getMessage() != null && cause.getMessage().startsWith(OURS)) {
                return new FailureAnalysis(Mistake.placed(cause.getMessage(), environment), ANOTHER, failure);
            }
        }
        List<String> mistakes = StartRules.mistakes(environment);
        return mistakes.isEmpty() ? null : new FailureAnalysis(String.join("\n", mistakes), null, failure);
    }
}

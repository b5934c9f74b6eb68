package io.deepgate.watch;

import io.deepgate.access.InvalidTenantsException;
import io.deepgate.catalog.MissingUpstreamKeyException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Says in a sentence why the gateway does not start, and the way out, instead of a stack trace. */
final class StartupFailureAnalyzer implements FailureAnalyzer {

    private static final String WAYS_OUT = """
            Give it one:         DEEPSEEK_API_KEY=sk-… java -jar deepgate.jar
            or run without one:  java -jar deepgate.jar --spring.profiles.active=sandbox
            With Maven:          DEEPSEEK_API_KEY=sk-… mvn spring-boot:run
                                 mvn spring-boot:run -Dspring-boot.run.profiles=sandbox""";

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case MissingUpstreamKeyException e -> {
                    return new FailureAnalysis(e.getMessage(), WAYS_OUT, e);
                }
                case InvalidTenantsException e -> {
                    return new FailureAnalysis(
                            e.getMessage(),
                            "Mend it; 'java -jar deepgate.jar config check' tells whether it is right.",
                            e);
                }
                case UnlistedSlugException e -> {
                    return new FailureAnalysis(
                            e.getMessage(), "Mend the slug, or set gateway.catalog.unlisted-slugs: warn.", e);
                }
                default -> {}
            }
        }
        return null;
    }
}

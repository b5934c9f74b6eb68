package io.deepgate.watch;

import java.util.Set;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.DefaultResourceLoader;

/** The configuration's files as they are now, below what a process is given at its start and keeps. */
final class Settings {

    /** Arguments, the process's environment and the like: all but files. */
    private static final Set<String> KEPT = Set.of(
            "commandLineArgs",
            "spring.application.json",
            "systemProperties",
            "systemEnvironment",
            "random",
            "defaultProperties");

    private Settings() {}

    /** Reads the files again that {@code running} was made of, and those that are new. */
    static ConfigurableEnvironment readAgain(ConfigurableEnvironment running) {
        StandardEnvironment now = new StandardEnvironment();
        MutablePropertySources sources = now.getPropertySources();
        sources.forEach(source -> sources.remove(source.getName()));
        for (PropertySource<?> source : running.getPropertySources()) {
            if (KEPT.contains(source.getName())) {
                sources.addLast(source);
            }
        }
        ConfigDataEnvironmentPostProcessor.applyTo(now, new DefaultResourceLoader(), new DefaultBootstrapContext());
        return now;
    }

    /** The properties below {@code prefix}, bound as the gateway's start binds them. */
    static <T> T bind(ConfigurableEnvironment environment, String prefix, Class<T> type) {
        return Binder.get(environment).bindOrCreate(prefix, type);
    }
}

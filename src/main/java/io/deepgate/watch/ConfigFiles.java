package io.deepgate.watch;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.Environment;
import org.springframework.core.io.FileSystemResource;
import org.springframework.util.StringUtils;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;

/** The files that Spring Boot reads the configuration from; when it fails at one, it does not say at which. */
final class ConfigFiles {

    private static final String PLACES = "./,./config/";

    private ConfigFiles() {}

    /** Those that may be read, with whatever profile. */
    static List<Path> all(Environment environment) {
        String places = environment.getProperty("spring.config.location", PLACES) + ","
                + environment.getProperty("spring.config.additional-location", "");
        return Stream.of(StringUtils.tokenizeToStringArray(places, ",;"))
                .map(place -> place.replaceFirst("^optional:", "").replaceFirst("^file:(//)?", ""))
                .filter(place -> !place.contains(":"))
                .flatMap(place -> files(Path.of(place)).stream())
                .map(Path::normalize)
                .toList();
    }

    /** The first file that is no YAML; a word for it where none is found. */
    static String unreadable(Environment environment) {
        return all(environment).stream()
                .filter(ConfigFiles::isNoYaml)
                .map(Path::toString)
                .findFirst()
                .orElse("a configuration file");
    }

    /** What {@code file} configures, by document. */
    static List<ConfigurationPropertySource> sources(Path file) {
        try {
            return new YamlPropertySourceLoader()
                    .load(file.toString(), new FileSystemResource(file)).stream()
                            .map(ConfigurationPropertySource::from)
                            .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<Path> files(Path place) {
        if (!Files.isDirectory(place)) {
            return Files.isRegularFile(place) ? List.of(place) : List.of();
        }
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(file -> file.getFileName().toString().matches("application.*\\.ya?ml"))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static boolean isNoYaml(Path file) {
        try (Reader text = Files.newBufferedReader(file)) {
            new Yaml().composeAll(text).forEach(document -> {});
            return false;
        } catch (YAMLException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}

package io.deepgate.watch;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.util.StringUtils;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;

/** The files that Spring Boot reads the configuration from. */
final class ConfigFiles {

    private static final String PLACES = "./,./config/,./config/*/";
    private static final String FOLDERS = "*/";

    private ConfigFiles() {}

    /** Those that may be read, with whatever profile. */
    static List<Path> all(Environment environment) {
        String places = environment.getProperty("spring.config.location", PLACES) + ","
                + environment.getProperty("spring.config.additional-location", "") + ","
                + environment.getProperty("spring.config.import", "");
        return Stream.of(StringUtils.tokenizeToStringArray(places, ",;"))
                .map(place -> place.replaceFirst("^optional:", "").replaceFirst("^file:(//)?", ""))
                .filter(place -> !place.contains(":"))
                .flatMap(ConfigFiles::folders)
                .flatMap(place -> files(place).stream())
                .map(Path::normalize)
                .toList();
    }

    private static Stream<Path> folders(String place) {
        return place.endsWith(FOLDERS)
                ? list(Path.of(place.substring(0, place.length() - FOLDERS.length()))).stream()
                        .filter(Files::isDirectory)
                : Stream.of(Path.of(place));
    }

    /** What is in them, and in the others that {@code environment} was made of; two are equal if nothing has changed. */
    static Map<Path, String> contents(ConfigurableEnvironment environment) {
        Map<Path, String> contents = new HashMap<>();
        all(environment).forEach(file -> contents.computeIfAbsent(file.toAbsolutePath(), ConfigFiles::content));
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> names) {
                for (String name : names.getPropertyNames()) {
                    Path file = Place.file(OriginLookup.getOrigin(source, name));
                    if (file != null) {
                        contents.computeIfAbsent(file, ConfigFiles::content);
                    }
                }
            }
        }
        return contents;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
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
        return list(place).stream()
                .filter(file -> file.getFileName().toString().matches("application.*\\.ya?ml"))
                .toList();
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
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

package io.deepgate.watch;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;

/** The files that Spring Boot reads the configuration from; when it fails at one, it does not say at which. */
final class ConfigFiles {

    private static final String PLACES = "./,./config/";

    private ConfigFiles() {}

    /** The first file that is no YAML; a word for it where none is found. */
    static String unreadable(Environment environment) {
        String places = environment.getProperty("spring.config.location", PLACES) + ","
                + environment.getProperty("spring.config.additional-location", "");
        return Stream.of(StringUtils.tokenizeToStringArray(places, ",;"))
                .map(place -> place.replaceFirst("^optional:", "").replaceFirst("^file:(//)?", ""))
                .filter(place -> !place.contains(":"))
                .flatMap(place -> files(Path.of(place)).stream())
                .filter(ConfigFiles::isNoYaml)
                .map(path -> path.normalize().toString())
                .findFirst()
                .orElse("a configuration file");
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

package io.deepgate.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our keys at an upstream, the preferred first. Those of a file, a line each, are read again when it changes; a new content
 * that is wrong changes nothing.
 */
public final class UpstreamKeys {

    private static final Logger log = LoggerFactory.getLogger(UpstreamKeys.class);
    private static final Pattern KEY = Pattern.compile("[!-~]+");

    private final String upstream;
    private final List<UpstreamKey> configured;
    private final @Nullable Path file;
    private volatile List<UpstreamKey> current;

    /**
     * @param upstream the upstream's name, for messages
     * @param file where keys stand that are preferred to the configured ones, null for nowhere
     * @throws MissingUpstreamKeyException if there is no key
     */
    public UpstreamKeys(String upstream, List<String> configured, @Nullable Path file) {
        this.upstream = upstream;
        this.configured = configured.stream()
                .map(String::strip)
                .filter(key -> !key.isEmpty())
                .map(UpstreamKey::new)
                .toList();
        this.file = file;
        current = read();
    }

    /** At least one. */
    public List<UpstreamKey> current() {
        return current;
    }

    boolean fromFile() {
        return file != null;
    }

    /** Takes over what the file holds now, if it has changed and is right. */
    void readAgain() {
        try {
            List<UpstreamKey> now = read();
            if (!now.equals(current)) {
                current = now;
                log.info("Read the keys of the upstream '{}' again: {}", upstream, now.size());
            }
        } catch (MissingUpstreamKeyException e) {
            log.error("Kept the keys of the upstream '{}' as they were: {}", upstream, e.getMessage());
        }
    }

    private List<UpstreamKey> read() {
        List<UpstreamKey> keys = new ArrayList<>();
        if (file != null) {
            keys.addAll(keysOf(file));
        }
        keys.addAll(configured);
        if (keys.isEmpty()) {
            throw new MissingUpstreamKeyException(upstream);
        }
        return List.copyOf(keys);
    }

    private List<UpstreamKey> keysOf(Path file) {
        try {
            List<String> lines = Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
            if (lines.isEmpty() || !lines.stream().allMatch(UpstreamKeys::isKey)) {
                throw new MissingUpstreamKeyException(
                        upstream, file + " does not hold one key a line, in printable ASCII without blanks.");
            }
            return lines.stream().map(UpstreamKey::new).toList();
        } catch (IOException e) {
            throw new MissingUpstreamKeyException(upstream, file + " cannot be read.");
        }
    }

    /** Whether a header can hold {@code text}. */
    static boolean isKey(String text) {
        return KEY.matcher(text).matches();
    }

    @Override
    public String toString() {
        return "UpstreamKeys[" + upstream + "]";
    }
}

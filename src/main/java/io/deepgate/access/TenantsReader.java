package io.deepgate.access;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads the text of a tenants file, strictly: what it does not know it refuses. */
final class TenantsReader {

    private record Document(@Nullable List<TenantEntry> tenants) {}

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private TenantsReader() {}

    /**
     * @param name the file's name, for messages
     * @throws InvalidTenantsException if {@code yaml} is not a list of valid tenants with distinct ids and keys
     */
    static List<TenantEntry> read(String name, String yaml) {
        try {
            Document document = YAML.readValue(yaml, Document.class);
            List<TenantEntry> entries = document == null || document.tenants() == null ? List.of() : document.tenants();
            checkDistinct(name, entries);
            return entries;
        } catch (JacksonException e) {
            String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
            throw new InvalidTenantsException(name + line + ": " + reason(e));
        }
    }

    private static String reason(JacksonException e) {
        Throwable cause = e.getCause();
        String reason = cause instanceof IllegalArgumentException ? cause.getMessage() : e.getOriginalMessage();
        return reason == null ? "cannot be read" : reason.lines().findFirst().orElse("cannot be read");
    }

    private static void checkDistinct(String name, List<TenantEntry> entries) {
        Set<String> tenants = new HashSet<>();
        Set<String> keys = new HashSet<>();
        for (TenantEntry entry : entries) {
            if (!tenants.add(entry.id())) {
                throw new InvalidTenantsException(name + ": tenant '" + entry.id() + "' is there twice");
            }
            for (TenantEntry.KeyEntry key : entry.keys()) {
                if (!keys.add(key.id())) {
                    throw new InvalidTenantsException(name + ": key id '" + key.id() + "' is there twice");
                }
            }
        }
    }
}

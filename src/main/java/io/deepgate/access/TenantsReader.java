package io.deepgate.access;

import com.fasterxml.jackson.annotation.Nulls;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads the text of a tenants file, strictly: what it does not know it refuses. */
final class TenantsReader {

    private record Document(@Nullable List<TenantEntry> tenants) {}

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT, DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
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
            checkDistinct(name, yaml, entries, "is there twice");
            return entries;
        } catch (JacksonException e) {
            throw new InvalidTenantsException(name + line(e, yaml) + ": " + reason(e));
        }
    }

    /**
     * @param twice what to say of an id that another has already
     * @throws InvalidTenantsException if two of {@code entries}, or two of their keys, have the same id
     */
    static void checkDistinct(String name, String yaml, List<TenantEntry> entries, String twice) {
        Set<String> tenants = new HashSet<>();
        Set<String> keys = new HashSet<>();
        for (TenantEntry entry : entries) {
            if (!tenants.add(entry.id())) {
                String place = TenantsWarnings.place(name, new TenantsText(yaml).lineOfTenant(entry.id()));
                throw new InvalidTenantsException(place + "tenant '" + entry.id() + "' " + twice + ": rename one");
            }
            for (TenantEntry.KeyEntry key : entry.keys()) {
                if (!keys.add(key.id())) {
                    String place = TenantsWarnings.place(name, new TenantsText(yaml).lineOfKey(key.id()));
                    throw new InvalidTenantsException(
                            place + "key id '" + key.id() + "' " + twice + ": make another with 'keys create'");
                }
            }
        }
    }

    private static String line(JacksonException e, String yaml) {
        if (e.getCause() instanceof MarkedYamlEngineException syntax) {
            return syntax.getProblemMark()
                    .map(mark -> ":" + (mark.getLine() + 1))
                    .orElse("");
        }
        if (e instanceof DatabindException && e.processor() instanceof JsonParser parser) {
            return ":" + line(parser, yaml);
        }
        return e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
    }

    /** The line of the parser's token; for the end of a block, which is where the next begins, the block's last. */
    private static long line(JsonParser parser, String yaml) {
        int place = (int) Math.max(0, parser.currentTokenLocation().getCharOffset());
        String before = yaml.substring(0, yaml.offsetByCodePoints(0, place));
        boolean end = parser.currentToken() == null || parser.currentToken().isStructEnd();
        return ((end ? before.stripTrailing() : before) + "x").lines().count();
    }

    private static String reason(JacksonException e) {
        if (e.getCause() instanceof IllegalArgumentException ours) {
            return Objects.requireNonNullElse(ours.getMessage(), "cannot be read");
        }
        return switch (e) {
            case UnrecognizedPropertyException unknown ->
                "unknown field '" + unknown.getPropertyName() + "': write one of " + unknown.getKnownPropertyIds();
            case InvalidNullException empty -> field(empty) + " has an entry that is empty: fill it in or take it out";
            case MismatchedInputException mismatch ->
                field(mismatch) + " cannot be read: write " + form(mismatch.getTargetType());
            default ->
                Objects.requireNonNullElse(e.getOriginalMessage(), "cannot be read")
                        .lines()
                        .takeWhile(line -> !line.startsWith(" "))
                        .reduce((context, problem) -> context + ", " + problem)
                        .orElse("cannot be read");
        };
    }

    private static String field(JacksonException e) {
        return e.getPath().stream()
                .map(JacksonException.Reference::getPropertyName)
                .filter(Objects::nonNull)
                .reduce((outer, inner) -> inner)
                .map(name -> "'" + name + "'")
                .orElse("the file");
    }

    private static String form(@Nullable Class<?> type) {
        if (type == Long.class || type == Integer.class) {
            return "a whole number";
        } else if (type == BigDecimal.class) {
            return "a number";
        } else if (type == Instant.class) {
            return "a time such as 2027-03-31T00:00:00Z";
        } else if (type == Document.class) {
            return "'tenants:' and below it a list, or 'tenants: []' for none";
        } else if (type != null && Collection.class.isAssignableFrom(type)) {
            return "a list, each entry behind a '-'";
        }
        return type != null && type.isRecord() ? "its fields, each as 'name: value'" : "a single value";
    }
}

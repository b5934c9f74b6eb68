package io.deepgate.watch.replay;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Something that a case's answer must be; names what it is not, or null. */
record Check(Function<Reply, @Nullable String> finding) {

    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /**
     * Those of a case, from {@code contains}, {@code regex}, {@code json_schema}, {@code tool_called}, {@code max_tokens} and
     * {@code exact}; each but the schema may be a list.
     *
     * @throws IllegalArgumentException if one is unknown or malformed
     */
    static List<Check> of(JsonNode checks) {
        List<Check> all = new ArrayList<>();
        checks.propertyStream().forEach(check -> {
            JsonNode wanted = check.getValue();
            Stream<JsonNode> each = wanted.isArray() ? wanted.valueStream() : Stream.of(wanted);
            each.map(one -> of(check.getKey(), one)).forEach(all::add);
        });
        return List.copyOf(all);
    }

    private static Check of(String name, JsonNode wanted) {
        return switch (name) {
            case "contains" ->
                of(
                        "does not contain \"%s\"",
                        wanted.asString(), reply -> reply.text().contains(wanted.asString()));
            case "exact" ->
                of(
                        "is not exactly \"%s\"",
                        wanted.asString(),
                        reply -> reply.text().strip().equals(wanted.asString().strip()));
            case "tool_called" ->
                of("does not call %s", wanted.asString(), reply -> reply.tools().contains(wanted.asString()));
            case "max_tokens" ->
                of("has more than %s tokens", wanted.asString(), reply -> reply.output() <= wanted.asLong());
            case "regex" -> regex(wanted.asString());
            case "json_schema" -> schema(wanted);
            default ->
                throw new IllegalArgumentException("the check '" + name
                        + "' is none of contains, regex, json_schema, tool_called, max_tokens, exact");
        };
    }

    private static Check of(String failure, String wanted, Function<Reply, Boolean> holds) {
        return new Check(reply -> holds.apply(reply) ? null : failure.formatted(wanted));
    }

    private static Check regex(String regex) {
        try {
            Pattern pattern = Pattern.compile(regex);
            return of(
                    "does not match /%s/",
                    regex, reply -> pattern.matcher(reply.text()).find());
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("the regex '" + regex + "' is none: " + e.getDescription(), e);
        }
    }

    private static Check schema(JsonNode schema) {
        Schema known;
        try {
            known = SCHEMAS.getSchema(schema);
            known.validate(JsonMapper.shared().createObjectNode());
        } catch (SchemaException e) {
            throw new IllegalArgumentException("the json_schema is none: " + e.getMessage(), e);
        }
        return new Check(reply -> {
            try {
                List<Error> errors = known.validate(JsonMapper.shared().readTree(reply.text()));
                return errors.isEmpty() ? null : "does not fit the schema: " + errors.getFirst();
            } catch (JacksonException e) {
                return "is no JSON";
            }
        });
    }
}

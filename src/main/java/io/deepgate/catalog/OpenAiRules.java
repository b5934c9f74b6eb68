package io.deepgate.catalog;

import io.deepgate.api.Dialect;
import io.deepgate.api.InvalidRequestException;
import io.deepgate.api.Member;
import io.deepgate.api.RequestBody;
import io.deepgate.api.Splice;
import io.deepgate.catalog.Parameters.JsonSchema;

/** What OpenAI's clients send and DeepSeek does not take. */
final class OpenAiRules {

    private OpenAiRules() {}

    static void apply(RequestBody body, Route route, Dialect dialect, Splice splice) {
        if (dialect == Dialect.CHAT || dialect == Dialect.COMPLETIONS) {
            oneChoice(body);
            streamOptions(body, route.upstream(), splice);
        }
        if (dialect == Dialect.CHAT) {
            jsonSchema(body, route.parameters(), splice);
            body.developerRoles().forEach(role -> splice.replace(role.start(), role.end(), "\"system\""));
        }
    }

    private static void oneChoice(RequestBody body) {
        Member n = body.member("n");
        if (n != null && !"1".equals(n.text())) {
            throw new InvalidRequestException(
                    "invalid_value", "n", "DeepSeek gives one choice per call: leave \"n\" out, or send 1.");
        }
    }

    private static void streamOptions(RequestBody body, Upstream upstream, Splice splice) {
        Member options = body.members().get("stream_options");
        if (options != null && !body.stream()) {
            splice.remove(options);
        } else if (body.stream() && upstream.usageWhenAsked() && !body.includeUsage()) {
            splice.set("stream_options", "{\"include_usage\":true}");
        }
    }

    private static void jsonSchema(RequestBody body, Parameters parameters, Splice splice) {
        Member format = body.member("response_format");
        if (format == null || !"json_schema".equals(format.text())) {
            return;
        }
        if (parameters.jsonSchema() == JsonSchema.REJECT) {
            throw new InvalidRequestException(
                    "invalid_value",
                    "response_format",
                    "DeepSeek takes no json_schema on chat completions. Use {\"type\": \"json_object\"} with the schema in"
                            + " the prompt, or strict tools on /beta/chat/completions, or /v1/responses.");
        }
        splice.replace(format, "{\"type\":\"json_object\"}");
    }
}

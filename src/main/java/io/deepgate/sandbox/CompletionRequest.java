package io.deepgate.sandbox;

import tools.jackson.databind.JsonNode;

/** Reads a fill-in-the-middle completion, which neither thinks nor calls tools. */
final class CompletionRequest {

    private static final int MAX_TOKENS = 4096;

    private CompletionRequest() {}

    /** @param beta whether it came in under {@code /beta}, the only place where there are completions */
    static Ask read(JsonNode body, boolean beta) {
        if (!beta) {
            throw Refusal.invalid("completions api is only available when using beta api"
                    + " (set base_url=\"https://api.deepseek.com/beta\")");
        }
        String named = Fields.required(body, "model");
        String prompt = Fields.required(body, "prompt");
        String model = Models.serving(named);
        Fields.checkStreamOptions(body);
        return new Ask(
                model,
                Fields.flag(body, "stream"),
                body.path("stream_options").path("include_usage").asBoolean(false),
                false,
                Fields.maxTokens(body, "max_tokens", MAX_TOKENS),
                Fields.stops(body.path("stop")),
                null,
                null,
                prompt + body.path("suffix").asString(""),
                prompt,
                Fields.flag(body, "echo") ? prompt : "",
                Fields.userId(body),
                Directives.in(prompt));
    }
}

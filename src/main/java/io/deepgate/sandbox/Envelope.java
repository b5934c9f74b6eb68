package io.deepgate.sandbox;

import tools.jackson.databind.node.ObjectNode;

/** What the formats after OpenAI's have in common. */
final class Envelope {

    private static final String FINGERPRINT = "fp_sandbox_prod0820_fp8_kvcache";

    private Envelope() {}

    static ObjectNode of(Answer answer, String object) {
        return Json.object()
                .put("id", answer.id().toString())
                .put("object", object)
                .put("created", answer.created())
                .put("model", answer.ask().model())
                .put("system_fingerprint", FINGERPRINT);
    }

    static ObjectNode error(Refusal refusal) {
        ObjectNode envelope = Json.object();
        envelope.putObject("error")
                .put("message", refusal.message())
                .put("type", refusal.type())
                .putNull("param")
                .put("code", "invalid_request_error");
        return envelope;
    }

    static ObjectNode usage(Usage usage) {
        ObjectNode node = Json.object()
                .put("prompt_tokens", usage.prompt())
                .put("completion_tokens", usage.completion())
                .put("total_tokens", usage.total());
        node.putObject("prompt_tokens_details").put("cached_tokens", usage.cached());
        node.putObject("completion_tokens_details").put("reasoning_tokens", usage.reasoning());
        return node.put("prompt_cache_hit_tokens", usage.cached())
                .put("prompt_cache_miss_tokens", usage.prompt() - usage.cached());
    }
}

package io.deepgate.api;

import static io.opentelemetry.api.common.AttributeKey.booleanKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;

import io.opentelemetry.api.common.AttributeKey;

/**
 * What spans say, in the names of OpenTelemetry's semantic conventions where there is one. None of it was written by a
 * caller, or by an upstream but the name of its model.
 */
public final class TraceAttributes {

    public static final AttributeKey<String> OPERATION = stringKey("gen_ai.operation.name");
    public static final AttributeKey<String> PROVIDER = stringKey("gen_ai.provider.name");
    public static final AttributeKey<String> REQUEST_MODEL = stringKey("gen_ai.request.model");
    public static final AttributeKey<Boolean> STREAM = booleanKey("gen_ai.request.stream");
    public static final AttributeKey<String> RESPONSE_MODEL = stringKey("gen_ai.response.model");
    public static final AttributeKey<Long> INPUT_TOKENS = longKey("gen_ai.usage.input_tokens");
    public static final AttributeKey<Long> CACHED_TOKENS = longKey("gen_ai.usage.cache_read.input_tokens");
    public static final AttributeKey<Long> OUTPUT_TOKENS = longKey("gen_ai.usage.output_tokens");
    public static final AttributeKey<Long> REASONING_TOKENS = longKey("gen_ai.usage.reasoning.output_tokens");
    public static final AttributeKey<String> SERVER_ADDRESS = stringKey("server.address");
    public static final AttributeKey<Long> SERVER_PORT = longKey("server.port");
    public static final AttributeKey<String> METHOD = stringKey("http.request.method");
    public static final AttributeKey<String> ROUTE = stringKey("http.route");
    public static final AttributeKey<Long> STATUS = longKey("http.response.status_code");
    public static final AttributeKey<String> ERROR = stringKey("error.type");
    public static final AttributeKey<String> REQUEST_ID = stringKey("gateway.request.id");
    public static final AttributeKey<String> TENANT = stringKey("gateway.tenant");
    public static final AttributeKey<String> KEY_ID = stringKey("gateway.key.id");
    public static final AttributeKey<String> OUTCOME = stringKey("gateway.outcome");
    public static final AttributeKey<String> UPSTREAM = stringKey("gateway.upstream");

    /** The provider of all models. */
    public static final String DEEPSEEK = "deepseek";

    private TraceAttributes() {}
}

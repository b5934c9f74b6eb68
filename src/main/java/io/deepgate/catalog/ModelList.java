package io.deepgate.catalog;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A tenant's aliases in the form of OpenAI's {@code GET /v1/models}. */
public final class ModelList {

    private static final JsonFactory JSON = new JsonFactory();

    private final long created;

    /** @param created what all models say; DeepSeek says of none when it was made, but OpenAI's clients expect it */
    public ModelList(Instant created) {
        this.created = created.getEpochSecond();
    }

    /** {@code {"object":"list","data":[…]}}. */
    public byte[] list(List<String> aliases) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("object", "list");
            json.writeName("data").writeStartArray();
            aliases.forEach(alias -> write(json, alias));
            json.writeEndArray();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /** One model. */
    public byte[] model(String alias) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            write(json, alias);
        }
        return out.toByteArray();
    }

    private void write(JsonGenerator json, String alias) {
        json.writeStartObject();
        json.writeStringProperty("id", alias);
        json.writeStringProperty("object", "model");
        json.writeNumberProperty("created", created);
        json.writeStringProperty("owned_by", "deepseek");
        json.writeEndObject();
    }
}

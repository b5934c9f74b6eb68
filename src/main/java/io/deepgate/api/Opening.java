package io.deepgate.api;

import io.netty.buffer.ByteBufInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * What a conversation begins with, and keeps while it grows: its messages up to the first that is a user's. Applications
 * tend to begin all of theirs with the same system prompt, so that the first message alone would not tell them apart.
 */
public final class Opening {

    private Opening() {}

    /** A number for the opening's bytes; for those of the whole prompt where there are no messages. */
    public static long hash(RequestBody body) {
        try (JsonParser json = RequestScanner.JSON.createParser(ObjectReadContext.empty(), (InputStream)
                new ByteBufInputStream(body.bytes().slice()))) {
            json.nextToken();
            for (String name = json.nextName(); name != null; name = json.nextName()) {
                JsonToken value = json.nextToken();
                if (name.equals("messages") || name.equals("input") || name.equals("prompt")) {
                    int start = (int) json.currentTokenLocation().getByteOffset();
                    return checksum(body, start, end(json, value));
                }
                json.skipChildren();
            }
            return 0;
        }
    }

    private static int end(JsonParser json, JsonToken value) {
        if (value == JsonToken.VALUE_STRING) {
            json.finishToken();
        } else if (value == JsonToken.START_ARRAY) {
            boolean asked = false;
            while (!asked && json.nextToken() != JsonToken.END_ARRAY) {
                asked = json.currentToken() == JsonToken.START_OBJECT && isUsers(json);
                json.skipChildren();
            }
        } else {
            json.skipChildren();
        }
        return (int) json.currentLocation().getByteOffset();
    }

    /** Reads the message at whose beginning {@code json} stands, to its end. */
    private static boolean isUsers(JsonParser json) {
        boolean users = false;
        for (String name = json.nextName(); name != null; name = json.nextName()) {
            JsonToken value = json.nextToken();
            users |= name.equals("role") && value == JsonToken.VALUE_STRING && "user".equals(json.getString());
            json.skipChildren();
        }
        return users;
    }

    private static long checksum(RequestBody body, int start, int end) {
        CRC32C crc = new CRC32C();
        int first = body.bytes().readerIndex() + start;
        for (ByteBuffer part : body.bytes().nioBuffers(first, end - start)) {
            crc.update(part);
        }
        return crc.getValue() | (long) (end - start) << 32;
    }
}

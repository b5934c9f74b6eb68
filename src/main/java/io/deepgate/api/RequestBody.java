package io.deepgate.api;

import io.netty.buffer.ByteBuf;

/**
 * A request's untouched bytes and the few fields the gateway acts on. Whoever holds it releases it.
 *
 * @param model what the caller calls the model, its alias
 * @param modelStart how many bytes precede the value of {@code model}, which begins with its quote
 * @param modelEnd how many precede what follows the value, which ends with its quote
 * @param maxTokens the most completion tokens the caller wants, 0 where it does not say
 */
public record RequestBody(ByteBuf bytes, String model, int modelStart, int modelEnd, boolean stream, long maxTokens) {

    /** Size in bytes. */
    public int size() {
        return bytes.readableBytes();
    }

    /** The tokens of the prompt, roughly: 0.3 for each byte, which is DeepSeek's figure for an ASCII character. */
    public long estimatedTokens() {
        return Math.ceilDiv(size() * 3L, 10L);
    }

    /** Gives the bytes back; to be called once, since what was sliced from them counts the same references. */
    public void release() {
        bytes.release();
    }
}

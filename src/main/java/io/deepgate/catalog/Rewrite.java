package io.deepgate.catalog;

import io.deepgate.api.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;

/** Makes of the caller's bytes what the upstream is sent: the same, but for the model's value. */
public final class Rewrite {

    private Rewrite() {}

    /** The bytes to send; they share {@code body}'s memory and are the caller's to release. */
    public static ByteBuf of(RequestBody body, Route route) {
        ByteBuf bytes = body.bytes();
        if (body.model().equals(route.slug())) {
            return bytes.retainedSlice();
        }
        int start = bytes.readerIndex();
        CompositeByteBuf spliced = ByteBufAllocator.DEFAULT.compositeBuffer(3);
        spliced.addComponent(true, bytes.retainedSlice(start, body.modelStart()));
        spliced.addComponent(true, Unpooled.wrappedBuffer(route.slugJson()));
        spliced.addComponent(true, bytes.retainedSlice(start + body.modelEnd(), body.size() - body.modelEnd()));
        return spliced;
    }
}

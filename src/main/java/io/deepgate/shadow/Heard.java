package io.deepgate.shadow;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.function.IntPredicate;

/** An answer, piece by piece as it passes, unless it is too long: of half of it nothing can be said. */
final class Heard {

    private static final byte[] NOTHING = {};

    private final int longest;
    private final IntPredicate room;
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
    private volatile boolean tooLong;

    /**
     * @param longest bytes that are kept at most
     * @param room whether there is memory for so many more
     */
    Heard(int longest, IntPredicate room) {
        this.longest = longest;
        this.room = room;
    }

    /** The next piece, which stays as it is. */
    void add(ByteBuf piece) {
        int length = piece.readableBytes();
        if (tooLong || answer.size() + length > longest || !room.test(length)) {
            tooLong = true;
            return;
        }
        byte[] bytes = new byte[length];
        piece.getBytes(piece.readerIndex(), bytes);
        answer.writeBytes(bytes);
    }

    /** All of it; nothing if it was too long. */
    byte[] bytes() {
        return tooLong ? NOTHING : answer.toByteArray();
    }
}

package io.deepgate.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Text in a JSON string that stands for itself. */
final class PlainText {

    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGHEST_BITS = ONES << 7;

    private PlainText() {}

    /** Where from {@code at} on the first byte is that is no plain one: a quote, a backslash, a control or not ASCII. */
    static int end(byte[] bytes, int at, int end) {
        int next = at;
        for (; next <= end - Long.BYTES; next += Long.BYTES) {
            long eight = (long) EIGHT.get(bytes, next);
            // With this bit turned a quote comes right behind the controls, and no other character before it.
            long others =
                    (eight | ((eight ^ (ONES * 2)) - (ONES * 0x21)) | ((eight ^ (ONES * '\\')) - ONES)) & HIGHEST_BITS;
            if (others != 0) {
                return next + Long.numberOfTrailingZeros(others) / Byte.SIZE;
            }
        }
        while (next < end && bytes[next] >= ' ' && bytes[next] != '"' && bytes[next] != '\\') {
            next++;
        }
        return next;
    }
}

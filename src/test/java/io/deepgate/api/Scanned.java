package io.deepgate.api;

import io.netty.buffer.ByteBuf;

/** Scans for tests of other packages, which have bytes and no connection. */
public final class Scanned {

    private Scanned() {}

    /** What {@link RequestReader} makes of {@code bytes}. */
    public static RequestBody of(ByteBuf bytes) {
        return RequestScanner.scan(bytes);
    }
}

package io.deepgate;

import java.util.Random;

/**
 * What a network does to one connection.
 *
 * @param kind what happens
 * @param answers whether it happens to what the server sends, or else to what the client sends
 * @param after bytes of that direction that pass unharmed before
 * @param millis how long one delay is
 */
public record Fault(Kind kind, boolean answers, long after, int millis) {

    /** Toxiproxy's toxics, and a few more. */
    public enum Kind {
        /** Nothing. */
        NONE,
        /** Every piece comes late by the same time. */
        LATENCY,
        /** Every piece comes late by a time of its own. */
        JITTER,
        /** 64 KB/s. */
        BANDWIDTH,
        /** Every byte comes in a packet of its own. */
        SPLIT,
        /** Both sides are told that the other has reset the connection. */
        RESET,
        /** The connection ends politely where it should not. */
        CLOSE,
        /** The server is told that the connection is reset, and the client is told nothing. */
        HALF_OPEN,
        /** Nothing passes any more, and nobody is told. */
        BLACKHOLE,
        /** The end of the connection comes late. */
        SLOW_CLOSE
    }

    static final Fault NONE = new Fault(Kind.NONE, true, 0, 0);

    /** Any fault, at any place in the first {@code bytes}. */
    static Fault any(Random random, int bytes) {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        return new Fault(kind, random.nextBoolean(), random.nextInt(bytes), 1 + random.nextInt(50));
    }
}

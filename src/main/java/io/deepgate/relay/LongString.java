package io.deepgate.relay;

import java.nio.ByteBuffer;

/**
 * Keeps from the JSON parser what lies deep in a long string: the parser would hold all of a string until its end, in two
 * bytes for one.
 */
final class LongString {

    private static final int LONG = 4 * 1024;

    /** No number is longer: so many bytes without a token, blanks not counted, are in a string or a name. */
    private static final int LONGEST_NUMBER = 1000;

    /** The last bytes of an escape, {@code \\u0123}. */
    private static final int LONGEST_ESCAPE = 6;

    private final TokenEstimate skipped = new TokenEstimate();
    private boolean token;
    private int bytes;
    private int solid;
    private boolean skipping;
    private boolean escaped;

    /** The parser has come to a token. */
    void token() {
        token = true;
    }

    /** The parser has read all of {@code part}, from {@code from}. */
    void parsed(ByteBuffer part, int from) {
        if (token) {
            token = false;
            bytes = 0;
            solid = 0;
            skipped.clear();
            return;
        }
        bytes = Math.min(LONG, bytes + part.limit() - from);
        for (int at = from; bytes == LONG && solid <= LONGEST_NUMBER && at < part.limit(); at++) {
            solid += part.get(at) > ' ' || part.get(at) < 0 ? 1 : 0;
        }
    }

    /** Whether the parser is in a string that is long already. */
    boolean isLong() {
        return solid > LONGEST_NUMBER;
    }

    /** Where in {@code part} skipping may begin, or goes on; its end, if the string ends before, or nowhere is sure. */
    int skipFrom(ByteBuffer part) {
        if (skipping) {
            return part.position();
        }
        int plain = 0;
        for (int at = part.position(); at < part.limit(); at++) {
            byte next = part.get(at);
            if (next == '"') {
                return part.limit();
            }
            boolean escape = next == '\\';
            boolean first = at > part.position() && part.get(at - 1) != '\\';
            if (escape ? first : plain >= LONGEST_ESCAPE && TokenEstimate.isFirstOfCharacter(next)) {
                return at;
            }
            plain = escape ? 0 : plain + 1;
        }
        return part.limit();
    }

    /** Skips the string from {@code from} on, and returns where its closing quote is, or the end of {@code part}. */
    int skip(ByteBuffer part, int from) {
        skipping = true;
        for (int at = from; at < part.limit(); at++) {
            byte next = part.get(at);
            if (escaped) {
                escaped = false;
            } else if (next == '\\') {
                escaped = true;
            } else if (next == '"') {
                skipping = false;
                return at;
            }
            skipped.add(next);
        }
        return part.limit();
    }

    /** What was skipped of the string that has just ended. */
    TokenEstimate skipped() {
        return skipped;
    }
}

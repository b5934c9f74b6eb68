package io.deepgate.relay;

/** DeepSeek's rule of thumb: 0.3 tokens for an ASCII character, 0.6 for any other. */
final class TokenEstimate {

    private static final double ASCII = 0.3;
    private static final double OTHER = 0.6;

    private long ascii;
    private long other;

    void add(char[] text, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (text[i] < 128) {
                ascii++;
            } else {
                other++;
            }
        }
    }

    /** Adds one byte of UTF-8. */
    void add(byte next) {
        if (next >= 0) {
            ascii++;
        } else if (isFirstOfCharacter(next)) {
            other++;
        }
    }

    void add(TokenEstimate more) {
        ascii += more.ascii;
        other += more.other;
    }

    void clear() {
        ascii = 0;
        other = 0;
    }

    /** Whether a character begins with this byte of UTF-8. */
    static boolean isFirstOfCharacter(byte next) {
        return (next & 0xC0) != 0x80;
    }

    long tokens() {
        return (long) Math.ceil(ascii * ASCII + other * OTHER);
    }
}

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

    long tokens() {
        return (long) Math.ceil(ascii * ASCII + other * OTHER);
    }
}

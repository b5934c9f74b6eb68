package io.deepgate.api;

import io.netty.buffer.ByteBuf;

/**
 * The tokens of a request as its bytes suggest: by words, digits, signs, characters beyond ASCII, and changes between lower
 * and upper case or letters and digits within a word, of which base64 is full. The weights were fitted to DeepSeek's V4
 * tokenizer. Of a long request only samples are looked at.
 */
final class PromptEstimate {

    private static final int WHOLE = 16 * 1024;
    private static final int SAMPLES = 8;
    private static final int SAMPLE = WHOLE / SAMPLES;

    private static final byte SPACE = 0;
    private static final byte LOWER = 1;
    private static final byte UPPER = 2;
    private static final byte DIGIT = 3;
    private static final byte SIGN = 4;
    private static final byte BEYOND = 5;
    private static final byte CONTINUED = 6;
    private static final byte[] KINDS = kinds();

    // Hundredths of a token.
    private static final int PER_WORD = 108;
    private static final int PER_LETTER = 3;
    private static final int PER_DIGIT = 87;
    private static final int PER_SIGN = 27;
    private static final int PER_CHARACTER_BEYOND = 54;
    private static final int PER_TURN = 119;

    /** What a byte of one kind adds behind one of another: a table, since branches by text are mispredicted. */
    private static final int[] WEIGHTS = weights();

    private PromptEstimate() {}

    static long tokens(ByteBuf bytes) {
        int size = bytes.readableBytes();
        if (size <= WHOLE) {
            return Math.round(hundredths(bytes, bytes.readerIndex(), size) / 100.0);
        }
        double hundredths = 0;
        for (int i = 0; i < SAMPLES; i++) {
            hundredths += hundredths(bytes, bytes.readerIndex() + i * (size / SAMPLES), SAMPLE);
        }
        return Math.round(hundredths * size / WHOLE / 100);
    }

    private static int hundredths(ByteBuf bytes, int at, int length) {
        byte[] copy = new byte[length];
        bytes.getBytes(at, copy);
        int sum = 0;
        int last = SPACE;
        for (byte one : copy) {
            int kind = KINDS[one & 0xFF];
            sum += WEIGHTS[last << 3 | kind];
            last = kind;
        }
        return sum;
    }

    private static int[] weights() {
        int[] weights = new int[8 * 8];
        for (int last = SPACE; last <= CONTINUED; last++) {
            boolean inWord = last == LOWER || last == UPPER;
            weights[last << 3 | LOWER] = PER_LETTER + (inWord ? 0 : PER_WORD);
            weights[last << 3 | UPPER] = PER_LETTER + (inWord ? 0 : PER_WORD) + (last == LOWER ? PER_TURN : 0);
            weights[last << 3 | DIGIT] = PER_DIGIT + (inWord ? PER_TURN : 0);
            weights[last << 3 | SIGN] = PER_SIGN;
            weights[last << 3 | BEYOND] = PER_CHARACTER_BEYOND;
        }
        return weights;
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = kind(i);
        }
        return kinds;
    }

    private static byte kind(int one) {
        if (one >= 'a' && one <= 'z') {
            return LOWER;
        } else if (one >= 'A' && one <= 'Z') {
            return UPPER;
        } else if (one >= '0' && one <= '9') {
            return DIGIT;
        } else if (one <= ' ') {
            return SPACE;
        } else if (one < 128) {
            return SIGN;
        }
        return one >= 192 ? BEYOND : CONTINUED;
    }
}

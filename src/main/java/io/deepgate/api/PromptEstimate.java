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

    private static final double PER_WORD = 1.08;
    private static final double PER_LETTER = 0.03;
    private static final double PER_DIGIT = 0.87;
    private static final double PER_SIGN = 0.27;
    private static final double PER_CHARACTER_BEYOND = 0.54;
    private static final double PER_TURN = 1.19;

    private PromptEstimate() {}

    static long tokens(ByteBuf bytes) {
        int size = bytes.readableBytes();
        if (size <= WHOLE) {
            return Math.round(tokens(bytes, bytes.readerIndex(), size));
        }
        double tokens = 0;
        for (int i = 0; i < SAMPLES; i++) {
            tokens += tokens(bytes, bytes.readerIndex() + i * (size / SAMPLES), SAMPLE);
        }
        return Math.round(tokens * size / WHOLE);
    }

    private static double tokens(ByteBuf bytes, int at, int length) {
        byte[] copy = new byte[length];
        bytes.getBytes(at, copy);
        int[] counts = new int[CONTINUED + 1];
        int words = 0;
        int turns = 0;
        byte last = SPACE;
        for (byte one : copy) {
            byte kind = KINDS[one & 0xFF];
            counts[kind]++;
            boolean inWord = last == LOWER || last == UPPER;
            if (kind == LOWER || kind == UPPER) {
                if (!inWord) {
                    words++;
                } else if (kind == UPPER && last == LOWER) {
                    turns++;
                }
            } else if (kind == DIGIT && inWord) {
                turns++;
            }
            last = kind;
        }
        return words * PER_WORD
                + (counts[LOWER] + counts[UPPER]) * PER_LETTER
                + counts[DIGIT] * PER_DIGIT
                + counts[SIGN] * PER_SIGN
                + counts[BEYOND] * PER_CHARACTER_BEYOND
                + turns * PER_TURN;
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
